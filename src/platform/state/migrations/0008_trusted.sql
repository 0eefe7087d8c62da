CREATE TABLE `trusted` (
	`reason` text NOT NULL,
	`path` text NOT NULL,
	`what` text NOT NULL,
	PRIMARY KEY(`reason`, `path`, `what`)
);
