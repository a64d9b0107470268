CREATE TABLE audit_line (
    id BYTES NOT NULL,
    merchant_id BYTES NOT NULL,
    mode TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    before_value TEXT,
    after_value TEXT,
    address TEXT NOT NULL,
    device TEXT NOT NULL,
    PRIMARY KEY (id, merchant_id)
);
CREATE INDEX audit_line_of_merchant ON audit_line (merchant_id, mode, id);
CREATE INDEX audit_line_of_object ON audit_line (merchant_id, mode, object, id);
