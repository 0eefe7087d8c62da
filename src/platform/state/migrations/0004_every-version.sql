CREATE TABLE `life_clock` (
	`id` integer PRIMARY KEY NOT NULL,
	`life` real NOT NULL,
	`wall` real NOT NULL,
	`peak` real NOT NULL
);
--> statement-breakpoint
CREATE TABLE `retention` (
	`id` integer PRIMARY KEY NOT NULL,
	`max_age_ms` real NOT NULL,
	`max_bytes` real NOT NULL
);
--> statement-breakpoint
DROP INDEX `history_by_time`;--> statement-breakpoint
ALTER TABLE `history` ADD `mtime_ms` real;--> statement-breakpoint
ALTER TABLE `history` ADD `life` real DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `history` ADD `own` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `history_by_budget` ON `history` (`own`);--> statement-breakpoint
CREATE INDEX `history_own_by_path` ON `history` (`scope_id`,`path`) WHERE own = 1;