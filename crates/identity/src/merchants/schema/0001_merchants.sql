CREATE TABLE merchant (
    merchant_id BYTES NOT NULL,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    zone TEXT NOT NULL,
    currency TEXT NOT NULL,
    locale TEXT NOT NULL,
    accent TEXT,
    phone TEXT NOT NULL,
    email TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id)
);

CREATE TABLE shop (
    id BYTES NOT NULL,
    merchant_id BYTES NOT NULL,
    name TEXT NOT NULL,
    mode TEXT NOT NULL,
    contract_id BYTES NOT NULL,
    custody TEXT NOT NULL,
    fee_basis_points BIGINT NOT NULL,
    fee_fixed_minor BIGINT NOT NULL,
    brands TEXT NOT NULL,
    return_origins TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id, merchant_id)
);
CREATE INDEX shop_of_merchant ON shop (merchant_id, created_at);

CREATE TABLE point_of_sale (
    id BYTES NOT NULL,
    merchant_id BYTES NOT NULL,
    shop_id BYTES NOT NULL,
    name TEXT NOT NULL,
    channel TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id, merchant_id)
);
CREATE INDEX point_of_sale_of_shop ON point_of_sale (merchant_id, shop_id, created_at);
