//! Starting: faults that are named, and a sandbox that holds.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::house::House;

#[test]
fn v_124_v_134_a_wrong_start_is_refused_by_name() {
    let mut house = House::open();
    house.kill();
    let config = house.config.clone();
    let said = |config: &crate::Config| crate::run::open(config).err().unwrap().to_string();
    let root = &config.root_file;
    std::fs::set_permissions(root, PermissionsExt::from_mode(0o444)).unwrap();
    assert!(said(&config).contains("0444"));
    std::fs::set_permissions(root, PermissionsExt::from_mode(0o400)).unwrap();
    let taken = std::net::TcpListener::bind(config.listen).unwrap();
    assert!(said(&config).contains(&config.listen.to_string()), "a busy port is named");
    drop(taken);
    let real = crate::Config { demo: false, ..config.clone() };
    assert!(said(&real).contains("same_user"));
    std::fs::remove_file(root).unwrap();
    let real = crate::Config { same_user: Some("accepted: one host".into()), ..real };
    assert!(said(&real).contains("missing"), "outside the demo no root is made");
    let other = crate::Config { demo: true, ..config };
    house.config = other;
    let opened = crate::run::open(&house.config).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let started = runtime.block_on(crate::run::serve(house.config.clone(), opened, Vec::new()));
    assert!(started.err().unwrap().to_string().contains("another root key"));
}

#[test]
fn v_134_a_second_vault_on_the_same_folder_is_refused_by_name() {
    let mut house = House::open();
    let said = crate::run::open(&house.config).err().unwrap().to_string();
    let dir = house.config.data_dir.display().to_string();
    assert!(said.contains(&dir) && said.contains("in use"), "{said}");
    house.card("4242424242424242", |_| ());
    house.kill();
    assert!(crate::run::open(&house.config).is_ok());
}

#[test]
fn v_130_nobody_else_has_a_right_on_the_vault_s_files() {
    let mut house = House::open();
    house.card("4242424242424242", |_| ());
    let data = &house.config.data_dir.clone();
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(data), 0o700, "no other user, so no app, enters the folder");
    let file = house.config.database.is_none();
    let tables: &[&str] = if file { &["vault.db", "vault.db-wal"] } else { &[] };
    for name in ["slots.number", "keyring"].iter().chain(tables) {
        assert!(data.join(name).is_file(), "{name}");
    }
    another_user_reads_nothing(house.dir(), data, tables);
    house.kill();
    std::fs::set_permissions(data, PermissionsExt::from_mode(0o750)).unwrap();
    let said = crate::run::open(&house.config).err().unwrap().to_string();
    assert!(said.contains("0750") && said.contains("0700"), "{said}");
}

/// A process of another user, as the app is in live mode, tries to read the files. Only root can
/// start one, so that elsewhere the modes alone are looked at.
fn another_user_reads_nothing(around: &std::path::Path, data: &std::path::Path, tables: &[&str]) {
    use std::os::unix::process::CommandExt as _;
    const NOBODY: u32 = 65_534;
    if !rustix::process::geteuid().is_root() {
        return;
    }
    std::fs::set_permissions(around, PermissionsExt::from_mode(0o755)).unwrap();
    let open = around.join("open");
    std::fs::write(&open, "x").unwrap();
    let reads = |path: &std::path::Path| {
        let mut cat = Command::new("cat");
        cat.arg(path).uid(NOBODY).gid(NOBODY).output().unwrap().status.success()
    };
    assert!(reads(&open), "that user can read what is open to all");
    for name in ["slots.number", "keyring"].iter().chain(tables) {
        assert!(data.join(name).is_file() && !reads(&data.join(name)), "{name}");
    }
    assert!(!reads(&around.join("root.key")), "the root key");
}

/// A line for the parent process.
fn say(line: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{line}").unwrap();
}

const ROLE: &str = "GUICHET_TEST_CONFINED";

/// Runs a test of this binary in a process of its own.
fn child(role: &str) -> std::process::Output {
    let dir = tempfile::tempdir().unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::starting::confined_child", "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .env(crate::environment::TEMPORARY, dir.path())
        .output()
        .unwrap()
}

/// Does nothing unless [`child`] runs it. Its own thread is the confined one.
#[test]
fn confined_child() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let data = std::env::var_os(crate::environment::TEMPORARY).unwrap();
    let data = std::path::PathBuf::from(data);
    let outside_dir = tempfile::tempdir().unwrap();
    let outside = outside_dir.path().join("outside");
    std::fs::write(&outside, "x").unwrap();
    let allowed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let forbidden = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let missing =
        crate::confine::confine(&[data.as_ref()], &[allowed.local_addr().unwrap().port()]);
    say(&format!("missing: {missing:?}"));
    let landlock = !missing.iter().any(|text| text.contains("Landlock"));
    let thread = std::thread::spawn(|| 7);
    assert_eq!(thread.join().unwrap(), 7, "threads still start");
    std::fs::write(data.join("inside"), "x").unwrap();
    let allowed = allowed.local_addr().unwrap();
    assert!(std::net::TcpStream::connect(allowed).is_ok());
    if landlock {
        assert!(std::fs::read(&outside).is_err(), "a file outside");
        assert!(std::fs::read("/etc/passwd").is_err(), "a file of the system");
        let forbidden = forbidden.local_addr().unwrap();
        assert!(std::net::TcpStream::connect(forbidden).is_err(), "another port");
        assert!(std::net::TcpListener::bind("127.0.0.1:0").is_err(), "a new door");
    }
    big_units(&data);
    if role == "exec" {
        assert!(Command::new("/bin/true").status().is_err(), "no other process");
        let error = std::os::unix::process::CommandExt::exec(&mut Command::new("/bin/true"));
        say(&format!("still alive: {error}"));
    }
    say("confined well");
}

/// SQLite must not need a temporary file in a folder that is closed now: neither for a unit that
/// changes many pages and is rolled back, nor for a long sort.
fn big_units(data: &std::path::Path) {
    use db::{Db, DbError, DbOptions, Route, params};
    let db = Db::open(&DbOptions::sqlite(data.join("big.db")), &[crate::MIGRATIONS]).unwrap();
    for round in 0..3 {
        let outcome = db.write_blocking::<(), DbError, _>(Route::any(), move |tx| {
            for n in 0..20_000_u32 {
                let id = [n.to_be_bytes(), [9; 4], [8; 4], [7; 4]].concat();
                tx.exec(
                    "INSERT INTO vault_idem (merchant_id, id, body, answer, created_at) VALUES \
                     ($1, $2, $3, $4, 1) ON CONFLICT DO UPDATE SET answer = excluded.answer || 'x'",
                    &params![[1_u8; 16], id, [0_u8; 32], "x".repeat(600)],
                )?;
            }
            if round == 1 { Err(DbError::Check("undo".into())) } else { Ok(()) }
        });
        assert_eq!(outcome.is_ok(), round != 1, "{outcome:?}");
    }
    let sorted = db.read_blocking::<_, DbError, _>(|tx| {
        tx.query("SELECT id FROM vault_idem ORDER BY answer, body, id DESC", &[])
    });
    assert_eq!(sorted.unwrap().len(), 20_000);
}

#[test]
fn v_135_v_136_the_sandbox_holds() {
    let output = child("files");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("confined well"), "{said}");
    let output = child("exec");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !said.contains("seccomp:") {
        let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
        assert_eq!(signal, Some(rustix::process::Signal::SYS.as_raw()), "{said}");
    }
}

pub(super) const CONFIG: &str = "GUICHET_TEST_CONFIG";

/// Does nothing unless [`v_01_the_whole_vault_works_in_its_sandbox`] runs it.
#[test]
fn vault_child() {
    let Ok(config) = std::env::var(CONFIG) else { return };
    let config: crate::Config = serde_json::from_str(&config).unwrap();
    if let Err(error) = crate::run(config) {
        say(&error.to_string());
        std::process::exit(1);
    }
    std::process::exit(0);
}

/// The vault of a house as a process, in its sandbox.
pub(super) fn vault_process(house: &House) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "tests::starting::vault_child", "--nocapture", "--test-threads=1"])
        .env(CONFIG, serde_json::to_string(&house.config).unwrap());
    command
}

#[test]
fn v_01_the_whole_vault_works_in_its_sandbox() {
    let mut house = House::open();
    let before = house.card("4242424242424242", |request| {
        request.keep = vault_wire::Keep::Booking;
        request.booking = Some(kernel::BookingId::random(&kernel::rng::OsRng));
    });
    house.kill();
    let child = vault_process;
    for round in 0..2 {
        let command = child(&house);
        house.start_process(command);
        let charge = vault_wire::RelayCall {
            use_code: false,
            ..super::house::authorise(before.card.token, &format!("op_{round}"))
        };
        assert_eq!(house.ask(&charge).unwrap().http_status, 200);
        let card = house.card("5555555555554444", |_| ()).card;
        assert!(house.relay(card.token, &format!("op_{round}")).is_ok());
        house.kill();
    }
    assert_eq!(house.bank.heard().len(), 4);
    let command = child(&house);
    house.start_process(command);
    let drilled = super::shred::drill(&house, 5).unwrap();
    for place in &drilled.places {
        assert_eq!((place.hits.as_slice(), place.unread.len()), ([].as_slice(), 0), "{place:?}");
    }
    house.kill();
    assert_eq!(house.files_with("5555555555554444"), Vec::<std::path::PathBuf>::new());

    let command = child(&house);
    let mut process = {
        house.start_process(command);
        house.process.take().unwrap()
    };
    let pid = rustix::process::Pid::from_child(&process);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(process.wait().unwrap().success(), "it ends when told to");
}
