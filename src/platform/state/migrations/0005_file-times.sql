CREATE TABLE `file_times` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`scope_id` integer NOT NULL,
	`path` text NOT NULL,
	`digest` text NOT NULL,
	`mtime_ms` real NOT NULL,
	`life` real NOT NULL
);
--> statement-breakpoint
CREATE INDEX `file_times_by_path` ON `file_times` (`scope_id`,`path`);