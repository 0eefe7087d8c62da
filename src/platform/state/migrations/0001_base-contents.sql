CREATE TABLE `packed_contents` (
	`digest` text PRIMARY KEY NOT NULL,
	`pack_id` integer NOT NULL,
	`offset` integer NOT NULL,
	`length` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `packed_contents_by_pack` ON `packed_contents` (`pack_id`,`length`);--> statement-breakpoint
CREATE TABLE `packs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`codec` text NOT NULL,
	`raw_size` integer NOT NULL,
	`bytes` blob NOT NULL
);
--> statement-breakpoint
CREATE INDEX `base_entries_by_digest` ON `base_entries` (`digest`);