DROP INDEX booking_reference;
CREATE UNIQUE INDEX booking_reference ON booking (merchant_id, mode, shop_id, reference)
  WHERE state NOT IN ('cancelled', 'refused', 'expired');
CREATE INDEX booking_by_reference ON booking (merchant_id, mode, reference)
  WHERE reference IS NOT NULL;
