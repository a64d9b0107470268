ALTER TABLE booking ADD COLUMN reference TEXT;
CREATE UNIQUE INDEX booking_reference ON booking (merchant_id, mode, reference);
