-- That a person looked at the payment page before real payers do.
CREATE TABLE production_page (
    merchant_id BYTES  NOT NULL,
    checked_by  BYTES  NOT NULL,
    checked_at  BIGINT NOT NULL,
    PRIMARY KEY (merchant_id)
);
