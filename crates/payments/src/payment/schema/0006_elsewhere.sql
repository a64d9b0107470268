-- How an operation was made that was made without Guichet: means, reference and day.
ALTER TABLE payment_operation ADD COLUMN elsewhere TEXT;
-- What was made once is written down once, whatever payment it is written under.
CREATE TABLE recorded_reference (
    merchant_id  BYTES NOT NULL,
    mode         TEXT  NOT NULL,
    means        TEXT  NOT NULL,
    reference    TEXT  NOT NULL,
    payment_id   BYTES NOT NULL,
    operation_id BYTES NOT NULL,
    PRIMARY KEY (merchant_id, mode, means, reference)
);
