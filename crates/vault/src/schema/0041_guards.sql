-- Who may see cards of a shop, and who manages its users; told by the app.
CREATE TABLE vault_people (
  merchant_id BYTES NOT NULL,
  shop_id BYTES NOT NULL,
  people TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, merchant_id)
);

-- A showing that is out of the ordinary waits for a second person.
ALTER TABLE vault_link ADD COLUMN asked TEXT;
ALTER TABLE vault_link ADD COLUMN asked_at BIGINT;
ALTER TABLE vault_link ADD COLUMN approved_at BIGINT;
CREATE INDEX vault_link_card ON vault_link (merchant_id, card, unlocked_at);
CREATE INDEX vault_link_asked ON vault_link (merchant_id, shop_id, state, asked_at);

-- Browsers and networks in which viewers saw numbers or chose a PIN; hashes of both.
CREATE TABLE vault_seen (
  merchant_id BYTES NOT NULL,
  viewer_id BYTES NOT NULL,
  mark BYTES NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (viewer_id, mark, merchant_id)
);

-- When a PIN was last of use.
ALTER TABLE vault_viewer ADD COLUMN used_at BIGINT;
