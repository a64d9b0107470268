-- Most payments have no customer, no booking of another slice and no name to find: an index need
-- not hold them. And walking the newest is what payment_sums begins with.
DROP INDEX payment_recent;
DROP INDEX payment_subject;
DROP INDEX payment_booking;
DROP INDEX payment_customer;
DROP INDEX payment_operation_authorisation;
DROP INDEX payment_find_number;
DROP INDEX payment_find_name;
DROP INDEX payment_find_first_name;
DROP INDEX payment_find_email;
CREATE INDEX payment_subject ON payment (merchant_id, subject_id) WHERE subject_id IS NOT NULL;
CREATE INDEX payment_booking ON payment (merchant_id, booking_id) WHERE booking_id IS NOT NULL;
CREATE INDEX payment_customer ON payment (merchant_id, mode, customer_id, id)
    WHERE customer_id IS NOT NULL;
CREATE INDEX payment_operation_authorisation ON payment_operation (merchant_id, authorisation)
    WHERE authorisation IS NOT NULL;
CREATE INDEX payment_find_number ON payment (merchant_id, mode, find_number, id)
    WHERE find_number IS NOT NULL;
CREATE INDEX payment_find_name ON payment (merchant_id, mode, find_name, id)
    WHERE find_name IS NOT NULL;
CREATE INDEX payment_find_first_name ON payment (merchant_id, mode, find_first_name, id)
    WHERE find_first_name IS NOT NULL;
CREATE INDEX payment_find_email ON payment (merchant_id, mode, find_email, id)
    WHERE find_email IS NOT NULL;
