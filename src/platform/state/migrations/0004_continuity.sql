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
CREATE TABLE `mounts` (
	`path` text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
ALTER TABLE `base_entries` ADD `doubt` text;--> statement-breakpoint
ALTER TABLE `base_entries` ADD `epoch` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `scopes` ADD `watched_round` integer DEFAULT 0 NOT NULL;