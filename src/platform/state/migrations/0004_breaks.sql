CREATE TABLE `deleted_files` (
	`scope_id` integer NOT NULL,
	`side` text NOT NULL,
	`path` text NOT NULL,
	`digest` text NOT NULL,
	`version` real NOT NULL,
	`at` real NOT NULL,
	PRIMARY KEY(`scope_id`, `side`, `path`)
);
--> statement-breakpoint
CREATE TABLE `durability` (
	`id` integer PRIMARY KEY NOT NULL,
	`newest_epoch` integer NOT NULL,
	`flushed_epoch` integer NOT NULL,
	`boot_id` text,
	`uptime_ms` real NOT NULL
);
--> statement-breakpoint
CREATE TABLE `gone_entries` (
	`scope_id` integer NOT NULL,
	`path` text NOT NULL,
	`digest` text NOT NULL,
	`size` integer NOT NULL,
	`etag` text NOT NULL,
	`version` real NOT NULL,
	`file_size` integer,
	`mtime_ms` real,
	`ctime_ms` real,
	`ino` real,
	`doubt` text,
	`epoch` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`scope_id`, `path`)
);
--> statement-breakpoint
CREATE TABLE `life_clock` (
	`id` integer PRIMARY KEY NOT NULL,
	`life` real NOT NULL,
	`wall` real NOT NULL,
	`peak` real NOT NULL
);
--> statement-breakpoint
CREATE TABLE `mounts` (
	`path` text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE `retention` (
	`id` integer PRIMARY KEY NOT NULL,
	`max_age_ms` real NOT NULL,
	`max_bytes` real NOT NULL
);
--> statement-breakpoint
DROP TABLE `recent_deletes`;--> statement-breakpoint
DROP INDEX `history_by_time`;--> statement-breakpoint
ALTER TABLE `history` ADD `mtime_ms` real;--> statement-breakpoint
ALTER TABLE `history` ADD `life` real DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `history` ADD `own` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `history_by_budget` ON `history` (`own`);--> statement-breakpoint
CREATE INDEX `history_own_by_path` ON `history` (`scope_id`,`path`) WHERE own = 1;--> statement-breakpoint
ALTER TABLE `base_entries` ADD `doubt` text;--> statement-breakpoint
ALTER TABLE `base_entries` ADD `epoch` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `scopes` ADD `watched_round` integer DEFAULT 0 NOT NULL;