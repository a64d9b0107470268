-- What decides when a card goes: the stay, what it is needed for beyond it, an extension (once),
-- its last use; and of a card that went, when and at whose word. Days are local days of the shop.
ALTER TABLE vault_card ADD COLUMN check_out TEXT;
ALTER TABLE vault_card ADD COLUMN cancelled_on TEXT;
ALTER TABLE vault_card ADD COLUMN needed_until TEXT;
ALTER TABLE vault_card ADD COLUMN extended_until TEXT;
ALTER TABLE vault_card ADD COLUMN code_until BIGINT;
ALTER TABLE vault_card ADD COLUMN used_at BIGINT;
ALTER TABLE vault_card ADD COLUMN warned_at BIGINT;
ALTER TABLE vault_card ADD COLUMN gone_at BIGINT;
ALTER TABLE vault_card ADD COLUMN gone_by TEXT;
CREATE INDEX vault_card_booking ON vault_card (merchant_id, shop_id, booking)
  WHERE booking IS NOT NULL;
CREATE INDEX vault_card_code_due ON vault_card (merchant_id, shop_id, code_until)
  WHERE code_until IS NOT NULL;
CREATE INDEX vault_card_ending ON vault_card (merchant_id, shop_id, purge_at)
  WHERE kind = 'saved' AND warned_at IS NULL;
