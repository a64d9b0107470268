-- 1: stays until another fault is ordered.
ALTER TABLE fault ADD COLUMN lasting BIGINT NOT NULL DEFAULT 0;
