-- Whether the payer hears nothing of an operation: the program that asked tells him itself.
ALTER TABLE payment_operation ADD COLUMN quiet BIGINT NOT NULL DEFAULT 0;
