-- Entries before this number stood in the log before it was followed. Nothing: the house is older
-- than that and its log was not looked at yet; a house without a row is younger.
ALTER TABLE vault_log_place ADD COLUMN old_until BIGINT;
INSERT INTO vault_log_place (merchant_id, next_entry)
SELECT merchant_id, 0 FROM merchant
WHERE NOT EXISTS (SELECT 1 FROM vault_log_place p WHERE p.merchant_id = merchant.merchant_id);
