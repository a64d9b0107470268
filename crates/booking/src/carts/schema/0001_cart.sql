CREATE TABLE cart (
  id BYTES NOT NULL,
  merchant_id BYTES NOT NULL,
  mode TEXT NOT NULL,
  shop_id BYTES NOT NULL,
  point_of_sale_id BYTES NOT NULL,
  state TEXT NOT NULL,
  currency TEXT NOT NULL,
  contact TEXT,
  hold_id BYTES,
  booking_id BYTES,
  number TEXT,
  payment_id BYTES,
  token TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id, merchant_id)
);

CREATE TABLE cart_line (
  cart_id BYTES NOT NULL,
  position BIGINT NOT NULL,
  merchant_id BYTES NOT NULL,
  kind TEXT NOT NULL,
  lodging_id BYTES NOT NULL,
  formula_id BYTES NOT NULL,
  arrival TEXT NOT NULL,
  departure TEXT NOT NULL,
  guests TEXT NOT NULL,
  names TEXT NOT NULL,
  quote TEXT NOT NULL,
  PRIMARY KEY (cart_id, position, merchant_id)
);

CREATE TABLE booking_setting (
  shop_id BYTES NOT NULL,
  merchant_id BYTES NOT NULL,
  hold_starts TEXT NOT NULL,
  PRIMARY KEY (shop_id, merchant_id)
);
