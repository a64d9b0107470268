-- What is shown of a delivery goes by the shop's clock; created_at, by which it is forgotten, is
-- real time.
ALTER TABLE webhook_delivery ADD COLUMN planned_at BIGINT NOT NULL DEFAULT 0;
UPDATE webhook_delivery SET planned_at = created_at;
