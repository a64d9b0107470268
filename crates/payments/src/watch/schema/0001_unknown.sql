-- The few payments whose result the bank owes.
CREATE INDEX payment_unknown ON payment (merchant_id, mode) WHERE status = 'unknown';
