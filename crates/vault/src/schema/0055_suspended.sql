-- A card may be blocked, with a reason, and may be wished away earlier than its stay asks for.
ALTER TABLE vault_card ADD COLUMN suspended TEXT;
ALTER TABLE vault_card ADD COLUMN suspended_reason TEXT;
ALTER TABLE vault_card ADD COLUMN suspended_at BIGINT;
ALTER TABLE vault_card ADD COLUMN purge_by BIGINT;
CREATE INDEX vault_card_listed ON vault_card (merchant_id, shop_id, received_at);
