CREATE TABLE stock (
  resource_id BYTES NOT NULL,
  slot TEXT NOT NULL,
  merchant_id BYTES NOT NULL,
  cap BIGINT NOT NULL,
  taken BIGINT NOT NULL,
  held BIGINT NOT NULL,
  closed BIGINT NOT NULL,
  refused_at BIGINT,
  version BIGINT NOT NULL,
  CHECK (taken >= 0 AND held >= 0 AND taken + held <= cap),
  PRIMARY KEY (resource_id, slot, merchant_id)
);
