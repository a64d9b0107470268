CREATE TABLE lodging (
  id BYTES NOT NULL,
  merchant_id BYTES NOT NULL,
  mode TEXT NOT NULL,
  shop_id BYTES NOT NULL,
  kind TEXT NOT NULL,
  names TEXT NOT NULL,
  descriptions TEXT NOT NULL,
  persons_min BIGINT NOT NULL,
  persons_standard BIGINT NOT NULL,
  persons_max BIGINT NOT NULL,
  units BIGINT NOT NULL,
  check_in TEXT NOT NULL,
  check_out TEXT NOT NULL,
  policy TEXT NOT NULL,
  tourist_tax_texts TEXT NOT NULL,
  registration_number TEXT,
  currency TEXT NOT NULL,
  version BIGINT NOT NULL,
  CHECK (units > 0 AND persons_min > 0),
  PRIMARY KEY (id, merchant_id)
);
CREATE INDEX lodging_of_shop ON lodging (merchant_id, shop_id);

CREATE TABLE formula (
  id BYTES NOT NULL,
  merchant_id BYTES NOT NULL,
  lodging_id BYTES NOT NULL,
  board TEXT NOT NULL,
  names TEXT NOT NULL,
  adjustments TEXT NOT NULL,
  deposit_basis_points BIGINT NOT NULL,
  position BIGINT NOT NULL,
  CHECK (deposit_basis_points >= 0 AND deposit_basis_points <= 10000),
  PRIMARY KEY (id, merchant_id)
);
CREATE INDEX formula_of_lodging ON formula (merchant_id, lodging_id, position);

CREATE TABLE age_bracket (
  merchant_id BYTES NOT NULL,
  code TEXT NOT NULL,
  names TEXT NOT NULL,
  age_from BIGINT NOT NULL,
  age_to BIGINT,
  PRIMARY KEY (merchant_id, code)
);

CREATE TABLE tariff_period (
  id BYTES NOT NULL,
  merchant_id BYTES NOT NULL,
  shop_id BYTES NOT NULL,
  lodging_id BYTES NOT NULL,
  formula_id BYTES NOT NULL,
  first_day TEXT NOT NULL,
  last_day TEXT NOT NULL,
  lengths TEXT NOT NULL,
  arrival_days BIGINT NOT NULL,
  price TEXT NOT NULL,
  rank BIGINT NOT NULL,
  PRIMARY KEY (id, merchant_id)
);
CREATE INDEX tariff_of_lodging ON tariff_period (merchant_id, lodging_id, formula_id);
CREATE INDEX tariff_of_shop ON tariff_period (merchant_id, shop_id, first_day);
