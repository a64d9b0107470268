-- Money of a booking that moved without this house: by a terminal, another program, a bank.
CREATE TABLE booking_recorded (
  id BYTES NOT NULL,
  merchant_id BYTES NOT NULL,
  mode TEXT NOT NULL,
  shop_id BYTES NOT NULL,
  booking_id BYTES NOT NULL,
  kind TEXT NOT NULL,
  means TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  reference TEXT NOT NULL,
  auth_code TEXT NOT NULL,
  at BIGINT NOT NULL,
  card_id BYTES,
  card_consumed BIGINT NOT NULL,
  author TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (id, merchant_id)
);
-- What was made once in a shop is written down once, whatever booking it is written under. The
-- terminals of two shops may print the same number.
CREATE UNIQUE INDEX booking_recorded_once ON booking_recorded
  (merchant_id, mode, shop_id, means, reference);
CREATE INDEX booking_recorded_of ON booking_recorded (merchant_id, booking_id);
