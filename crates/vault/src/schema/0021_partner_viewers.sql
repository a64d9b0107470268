-- People who do not sign in at the app: the enrolment that gave their authenticator its seed, and the
-- last step of its codes that was used.
ALTER TABLE vault_viewer ADD COLUMN factor_of BYTES;
ALTER TABLE vault_viewer ADD COLUMN factor_step BIGINT;
