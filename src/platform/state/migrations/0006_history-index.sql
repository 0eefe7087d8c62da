DROP INDEX `history_by_digest`;--> statement-breakpoint
CREATE INDEX `history_by_digest` ON `history` (`digest`,`own`);