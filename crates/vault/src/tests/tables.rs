//! The tables on a server: whose they are, and who may touch them.

use db::{Db, DbError, DbOptions, Place, Route};

use super::house::House;
use crate::keys::keyring::Keyring;
use crate::keys::{Key, Root};
use crate::log::Signer;
use crate::{Config, StartError, storage};

/// A role that can sign in at the tests' server, gone afterwards.
struct Role {
    db: Db,
    name: String,
}

impl Role {
    fn new(db: &Db) -> Self {
        let role = Self { db: db.clone(), name: format!("app_{}", std::process::id()) };
        role.run(&format!("CREATE ROLE {} LOGIN", role.name)).unwrap();
        role
    }

    fn run(&self, sql: &str) -> Result<u64, DbError> {
        let sql = sql.to_owned();
        self.db.write_blocking::<_, DbError, _>(Route::any(), move |tx| tx.exec(&sql, &[]))
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        let _ = self.run(&format!("DROP OWNED BY {}", self.name));
        let _ = self.run(&format!("DROP ROLE {}", self.name));
    }
}

/// The house, its address and its schema, where the tests have a server.
fn on_a_server() -> Option<(House, String, String)> {
    let house = House::open();
    let Some(Place::Server(url)) = house.config.database.clone() else { return None };
    let schema = url.rsplit_once("%3D").unwrap().1.to_owned();
    Some((house, url, schema))
}

fn start(config: &Config) -> Result<Db, StartError> {
    let options = storage::options(config).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(storage::open(config, &options))
}

#[test]
fn v_130_on_a_server_no_role_but_the_vault_s_has_a_right() {
    let Some((house, url, schema)) = on_a_server() else { return };
    let app = |role: &str| Some(Place::parse(&url.replace("guichet@", &format!("{role}@"))));
    let config = |app| Config { demo: false, app_database: app, ..house.config.clone() };
    let said = |config: &Config| start(config).err().unwrap().to_string();
    assert!(start(&config(None)).is_ok());
    let shared = config(app("guichet"));
    assert!(said(&shared).contains("app and vault both are the role guichet"), "{}", said(&shared));
    assert!(start(&Config { demo: true, ..shared.clone() }).is_ok(), "the demo");
    let accepted = Some("accepted: one small machine".to_owned());
    assert!(start(&Config { same_user: accepted, ..shared }).is_ok(), "in writing");

    let db = Db::open(&DbOptions::at(crate::place(&house.config)), &[crate::MIGRATIONS]).unwrap();
    let role = Role::new(&db);
    let apart = config(app(&role.name));
    assert!(start(&apart).is_ok());
    role.run(&format!("GRANT USAGE ON SCHEMA {schema} TO {}", role.name)).unwrap();
    let fault = format!("the app's role {} has a right on the vault's tables", role.name);
    assert!(said(&apart).contains(&fault), "{}", said(&apart));
    assert!(said(&config(None)).contains(&role.name), "whosever role it is");
    assert_eq!(crate::check(&apart).unwrap().faults, [fault]);
}

#[test]
fn v_131_tables_on_a_server_belong_to_one_node() {
    let Some((house, ..)) = on_a_server() else { return };
    let db = start(&house.config).unwrap();
    let claim = |dir: &std::path::Path| {
        let root = std::sync::Arc::new(Root::Here(Key::random(&kernel::rng::OsRng)));
        let now = kernel::Clock::now(&kernel::time::SystemClock);
        let keyring = Keyring::open_or_create(dir, &root, &kernel::rng::OsRng, now).unwrap();
        let signer = Signer::new(&keyring.log().unwrap().key, "vault").unwrap();
        tokio::runtime::Runtime::new().unwrap().block_on(storage::claim(&db, &signer, now))
    };
    let other = tempfile::tempdir().unwrap();
    let said = claim(other.path()).unwrap_err().to_string();
    assert!(said.contains("belong to another vault"), "{said}");
}

#[test]
fn a_file_elsewhere_is_no_database_of_the_vault() {
    let house = House::open();
    let elsewhere = Some(Place::parse("/var/lib/other.db"));
    let config = Config { database: elsewhere, ..house.config.clone() };
    let said = storage::options(&config).unwrap_err().to_string();
    assert!(said.contains("postgres://"), "{said}");
}
