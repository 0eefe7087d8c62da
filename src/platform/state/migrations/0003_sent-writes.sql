CREATE TABLE `recent_deletes` (
	`scope_id` integer NOT NULL,
	`side` text NOT NULL,
	`counts` text NOT NULL,
	PRIMARY KEY(`scope_id`, `side`)
);
--> statement-breakpoint
CREATE TABLE `sent_writes` (
	`scope_id` integer PRIMARY KEY NOT NULL,
	`writes` text NOT NULL
);
