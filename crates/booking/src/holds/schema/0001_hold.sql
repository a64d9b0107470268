CREATE TABLE hold (
  id BYTES NOT NULL,
  merchant_id BYTES NOT NULL,
  mode TEXT NOT NULL,
  shop_id BYTES NOT NULL,
  cart_id BYTES,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  life_from BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  extended BIGINT NOT NULL,
  contact TEXT NOT NULL,
  ended_at BIGINT,
  ended_by TEXT,
  reason TEXT,
  PRIMARY KEY (id, merchant_id)
);
CREATE INDEX hold_due ON hold (merchant_id, shop_id, expires_at) WHERE state = 'active';
CREATE INDEX hold_of_cart ON hold (merchant_id, cart_id, created_at) WHERE cart_id IS NOT NULL;
CREATE UNIQUE INDEX hold_one_per_cart ON hold (merchant_id, cart_id) WHERE state = 'active';

CREATE TABLE hold_line (
  hold_id BYTES NOT NULL,
  resource_id BYTES NOT NULL,
  slot TEXT NOT NULL,
  merchant_id BYTES NOT NULL,
  kind TEXT NOT NULL,
  quantity BIGINT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (hold_id, resource_id, slot, merchant_id)
);
CREATE INDEX hold_line_of_row ON hold_line (merchant_id, resource_id, slot) WHERE state <> 'freed';
