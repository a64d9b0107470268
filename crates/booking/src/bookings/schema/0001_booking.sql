CREATE TABLE booking (
  id BYTES NOT NULL,
  merchant_id BYTES NOT NULL,
  mode TEXT NOT NULL,
  shop_id BYTES NOT NULL,
  point_of_sale_id BYTES NOT NULL,
  number TEXT NOT NULL,
  state TEXT NOT NULL,
  provenance TEXT NOT NULL,
  cart_id BYTES,
  hold_id BYTES,
  starts TEXT NOT NULL,
  ends TEXT NOT NULL,
  total BIGINT NOT NULL,
  currency TEXT NOT NULL,
  contact TEXT NOT NULL,
  search TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (id, merchant_id)
);
CREATE UNIQUE INDEX booking_number ON booking (merchant_id, mode, number);
CREATE INDEX booking_of_day ON booking (merchant_id, mode, starts);
CREATE INDEX booking_newest ON booking (merchant_id, mode, id);

CREATE TABLE booking_line (
  booking_id BYTES NOT NULL,
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
  PRIMARY KEY (booking_id, position, merchant_id)
);

CREATE TABLE booking_journal (
  id BYTES NOT NULL,
  merchant_id BYTES NOT NULL,
  booking_id BYTES NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (id, merchant_id)
);
CREATE INDEX booking_journal_of ON booking_journal (merchant_id, booking_id, id);

CREATE TABLE booking_counter (
  merchant_id BYTES NOT NULL,
  mode TEXT NOT NULL,
  year BIGINT NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, mode, year)
);
