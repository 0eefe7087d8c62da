CREATE TABLE `base_entries` (
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
	PRIMARY KEY(`scope_id`, `path`)
);
--> statement-breakpoint
CREATE TABLE `conflicts` (
	`scope_id` integer NOT NULL,
	`path` text NOT NULL,
	`base_digest` text,
	`base_last_updated` real,
	`local_digest` text,
	`local_last_updated` real,
	`remote_digest` text,
	`remote_last_updated` real,
	`remote_etag` text,
	`since` real NOT NULL,
	PRIMARY KEY(`scope_id`, `path`)
);
--> statement-breakpoint
CREATE TABLE `contents` (
	`digest` text PRIMARY KEY NOT NULL,
	`codec` text NOT NULL,
	`stored_size` integer NOT NULL,
	`bytes` blob NOT NULL
);
--> statement-breakpoint
CREATE INDEX `contents_sizes` ON `contents` (`digest`,`stored_size`);--> statement-breakpoint
CREATE TABLE `decisions` (
	`scope_id` integer NOT NULL,
	`side` text NOT NULL,
	`path` text NOT NULL,
	`channel` text NOT NULL,
	`digest` text NOT NULL,
	`decision` text NOT NULL,
	PRIMARY KEY(`scope_id`, `side`, `path`)
);
--> statement-breakpoint
CREATE TABLE `history` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`scope_id` integer NOT NULL,
	`path` text NOT NULL,
	`channel` text NOT NULL,
	`digest` text NOT NULL,
	`size` integer NOT NULL,
	`time` real NOT NULL,
	`version` real,
	`cause` text NOT NULL,
	`device` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `history_by_path` ON `history` (`scope_id`,`path`);--> statement-breakpoint
CREATE INDEX `history_by_digest` ON `history` (`digest`);--> statement-breakpoint
CREATE INDEX `history_by_time` ON `history` (`time`);--> statement-breakpoint
CREATE TABLE `holds` (
	`scope_id` integer NOT NULL,
	`side` text NOT NULL,
	`path` text NOT NULL,
	`channel` text NOT NULL,
	`digest` text NOT NULL,
	`reason` text NOT NULL,
	`since` real NOT NULL,
	PRIMARY KEY(`scope_id`, `side`, `path`)
);
--> statement-breakpoint
CREATE TABLE `retries` (
	`scope_id` integer NOT NULL,
	`path` text NOT NULL,
	`attempts` integer NOT NULL,
	`next_at` real NOT NULL,
	`code` text NOT NULL,
	`message` text NOT NULL,
	PRIMARY KEY(`scope_id`, `path`)
);
--> statement-breakpoint
CREATE TABLE `scopes` (
	`id` integer PRIMARY KEY NOT NULL,
	`database` text NOT NULL,
	`app_id` text NOT NULL,
	`owner_id` text NOT NULL,
	`channel` text NOT NULL,
	`root_identity` text,
	`database_identity` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `scopes_database_app_id_owner_id_channel_unique` ON `scopes` (`database`,`app_id`,`owner_id`,`channel`);--> statement-breakpoint
CREATE TABLE `status` (
	`id` integer PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`pending` integer NOT NULL,
	`conflicts` integer NOT NULL,
	`problems` integer NOT NULL,
	`last_synced_at` real,
	`at` real NOT NULL
);
