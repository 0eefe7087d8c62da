CREATE TABLE `resolutions` (
	`scope_id` integer NOT NULL,
	`path` text NOT NULL,
	`take` text NOT NULL,
	`local_digest` text NOT NULL,
	`remote_etag` text NOT NULL,
	`content` text,
	`copy_path` text,
	PRIMARY KEY(`scope_id`, `path`)
);
--> statement-breakpoint
CREATE TABLE `staged_writes` (
	`scope_id` integer PRIMARY KEY NOT NULL,
	`writes` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `holds` ADD `kind` text DEFAULT 'delete' NOT NULL;--> statement-breakpoint
ALTER TABLE `holds` ADD `incoming` text;