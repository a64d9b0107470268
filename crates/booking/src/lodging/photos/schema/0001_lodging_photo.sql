-- Photos of a lodging, encoded by us in two sizes.
CREATE TABLE lodging_photo (
  id BYTES NOT NULL,
  merchant_id BYTES NOT NULL,
  lodging_id BYTES NOT NULL,
  position BIGINT NOT NULL,
  hash TEXT NOT NULL,
  alternative TEXT NOT NULL,
  added_at BIGINT NOT NULL,
  small_jpeg BYTES NOT NULL,
  large_jpeg BYTES NOT NULL,
  PRIMARY KEY (id, merchant_id)
);
CREATE UNIQUE INDEX lodging_photo_once ON lodging_photo (merchant_id, lodging_id, hash);
CREATE INDEX lodging_photo_of_hash ON lodging_photo (merchant_id, hash);
