-- Staff sign in before a merchant is known: this table is looked up by e-mail address.
CREATE TABLE staff_user (
    id BYTES NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    locale TEXT NOT NULL,
    home_merchant_id BYTES NOT NULL,
    password_hash TEXT NOT NULL,
    code_seed BYTES NOT NULL,
    code_last_step BIGINT NOT NULL,
    disabled_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX staff_user_email ON staff_user (email);

-- A role of a merchant: a copy of a preset that he may edit.
CREATE TABLE role (
    name TEXT NOT NULL,
    merchant_id BYTES NOT NULL,
    rights TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (name, merchant_id)
);

CREATE TABLE role_assignment (
    user_id BYTES NOT NULL,
    merchant_id BYTES NOT NULL,
    role TEXT NOT NULL,
    place_kind TEXT NOT NULL,
    place_id BYTES NOT NULL,
    extra_rights TEXT NOT NULL,
    ceilings TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, merchant_id, role, place_kind, place_id)
);
