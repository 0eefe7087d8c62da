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
DROP TABLE `recent_deletes`;