-- Walks the slots of a shop in their order.
CREATE INDEX vault_card_slot ON vault_card (merchant_id, shop_id, slot);
