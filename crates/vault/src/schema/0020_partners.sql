-- Software vendors with keys to the vault's own API; of the installation, so of no merchant.
CREATE TABLE vault_partner (
  merchant_id BYTES NOT NULL,
  id BYTES NOT NULL,
  state TEXT NOT NULL,
  about TEXT NOT NULL,
  submitted_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (id, merchant_id)
);

-- Their keys: the hash alone.
CREATE TABLE vault_partner_key (
  merchant_id BYTES NOT NULL,
  id BYTES NOT NULL,
  partner_id BYTES NOT NULL,
  hash BYTES NOT NULL,
  mode TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT,
  PRIMARY KEY (id, merchant_id)
);

-- What a property lets a partner do.
CREATE TABLE vault_grant (
  merchant_id BYTES NOT NULL,
  shop_id BYTES NOT NULL,
  partner_id BYTES NOT NULL,
  scopes TEXT NOT NULL,
  since BIGINT NOT NULL,
  given_by TEXT NOT NULL,
  last_used_at BIGINT,
  PRIMARY KEY (partner_id, shop_id, merchant_id)
);

-- What partners did, counted by the day.
CREATE TABLE vault_partner_day (
  merchant_id BYTES NOT NULL,
  partner_id BYTES NOT NULL,
  day TEXT NOT NULL,
  stored BIGINT NOT NULL,
  reveals BIGINT NOT NULL,
  PRIMARY KEY (partner_id, day, merchant_id)
);
