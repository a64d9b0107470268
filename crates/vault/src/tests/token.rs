//! The root in a device: SoftHSM, a device in software, behind the real module and a real vault.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use kernel::CardToken;
use vault_wire::{
    AuditGet, BackupMake, CardGet, CheckState, Hello, InventoryGet, Keep, LogsVerify, RootForm,
    Seal, SealState, TokenFault, Unseal, UnsealPin, WireError,
};

use super::house::House;
use super::starting::vault_process;
use crate::config::TokenConfig;
use crate::sealing::EXIT;
use crate::{Accepted, GatheredRoot, RestoreWish};

const USUAL_MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const LABEL: &str = "guichet-test";
const PIN: &str = "91730482";
const CONFIG: &str = "GUICHET_TEST_TOKEN_CONFIG";
const ROLE: &str = "GUICHET_TEST_TOKEN_ROLE";

/// Debian's, unless the environment names another.
fn module() -> PathBuf {
    std::env::var_os("SOFTHSM2_MODULE").unwrap_or_else(|| USUAL_MODULE.into()).into()
}

/// A vault whose root is in a device of its own, which can be pulled out.
struct Stand {
    house: House,
    device: PathBuf,
}

impl Stand {
    /// The device has its key; no vault runs yet.
    fn new() -> Self {
        let mut house = House::open();
        house.kill();
        house.move_to_an_empty_machine();
        fs::remove_file(&house.config.root_file).unwrap();
        let device = house.dir().join("device");
        let environment = new_device(&device);
        let pin_file = house.dir().join("pin");
        house.config.root = RootForm::Token;
        house.config.token = Some(TokenConfig {
            module: module(),
            label: LABEL.into(),
            key: "guichet-root".into(),
            pin_file: Some(pin_file),
            folders: vec![device.clone()],
            ports: Vec::new(),
            environment: [("SOFTHSM2_CONF".to_owned(), environment)].into(),
        });
        let stand = Self { house, device };
        stand.write_pin(PIN);
        stand
    }

    fn with_key() -> Self {
        let stand = Self::new();
        assert_eq!(stand.child("make"), Ok(()));
        stand
    }

    fn write_pin(&self, pin: &str) {
        let path = self.house.dir().join("pin");
        fs::write(&path, format!("{pin}\n")).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    }

    fn start(&mut self) {
        let command = vault_process(&self.house);
        self.house.start_process(command);
    }

    /// Starts it open, with its shop and a kept card.
    fn open_with_card(&mut self) -> CardToken {
        self.start();
        assert_eq!(self.state(), None);
        self.house.ask(&self.house.shop()).unwrap();
        let card = self.house.card("4242424242424242", |request| {
            request.keep = Keep::Booking;
            request.booking = Some(kernel::BookingId::random(&kernel::rng::OsRng));
        });
        card.card.token
    }

    fn state(&self) -> Option<SealState> {
        self.house.ask(&Hello { versions: vec![1] }).unwrap().sealed
    }

    /// Waits until the vault is open, or sealed for this reason.
    fn becomes(&self, fault: Option<TokenFault>) {
        let limit = Instant::now() + Duration::from_secs(60);
        loop {
            let state = self.state();
            match (&state, fault) {
                (None, None) => return,
                (Some(state), Some(_)) if state.fault == fault => return,
                _ => assert!(Instant::now() < limit, "{state:?} and not {fault:?}"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn pull_out(&self) {
        fs::rename(self.device.join("tokens"), self.device.join("away")).unwrap();
        fs::create_dir(self.device.join("tokens")).unwrap();
    }

    fn plug_in(&self) {
        fs::remove_dir(self.device.join("tokens")).unwrap();
        fs::rename(self.device.join("away"), self.device.join("tokens")).unwrap();
    }

    fn died(&mut self) -> ExitStatus {
        self.house.died()
    }

    /// Does something with the device in a process of its own; what it said against it.
    fn child(&self, role: &str) -> Result<(), String> {
        let token = self.house.config.token.as_ref().unwrap();
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::token::token_child", "--nocapture", "--test-threads=1"])
            .env(CONFIG, serde_json::to_string(&self.house.config).unwrap())
            .env(ROLE, role)
            .env("GUICHET_TEST_TOKEN_RECIPIENT", self.house.dir().join("anne.key"))
            .envs(&token.environment)
            .output()
            .unwrap();
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    fn relay(&self, card: CardToken, name: &str) -> Result<u16, WireError> {
        let charge =
            vault_wire::RelayCall { use_code: false, ..super::house::authorise(card, name) };
        self.house.ask(&charge).map(|answer| answer.http_status)
    }
}

/// A new device in this folder; gives the path of its configuration.
fn new_device(folder: &Path) -> String {
    let tokens = folder.join("tokens");
    fs::create_dir_all(&tokens).unwrap();
    let path = folder.join("softhsm2.conf");
    let text = format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display());
    fs::write(&path, text).unwrap();
    let made = Command::new("softhsm2-util")
        .args(["--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", "11112222"])
        .env("SOFTHSM2_CONF", &path)
        .output()
        .expect("softhsm2 is missing: cargo xtask test installs it (apt-get install softhsm2)");
    assert!(made.status.success(), "{made:?}");
    path.display().to_string()
}

/// Does nothing unless [`Stand::child`] runs it: the module reads its environment once.
#[test]
fn token_child() {
    let Ok(config) = std::env::var(CONFIG) else { return };
    let config: crate::Config = serde_json::from_str(&config).unwrap();
    match std::env::var(ROLE).unwrap().as_str() {
        "make" => {
            if let Err(error) = crate::make_token_key(&config, None) {
                panic!("{error}");
            }
        }
        "weak" => weak_key(),
        "restore" => restore(&config),
        role => panic!("{role}"),
    }
}

/// Brings the newest backup back with the device's root.
fn restore(config: &crate::Config) {
    let key = std::env::var("GUICHET_TEST_TOKEN_RECIPIENT").unwrap();
    let wish = RestoreWish {
        root: Some(GatheredRoot::of_token(config, None).unwrap()),
        folder: config.backup_dir.clone().unwrap(),
        keys: vec![key.into()],
        accept: vec![Accepted::Return],
        operators: vec!["Anne Martin".into(), "Paul Durand".into()],
        ..RestoreWish::default()
    };
    let restored = crate::backup::restore_here(config, &wish);
    assert_eq!(restored.unwrap().cards, 1);
}

/// A key under the right label that the device would give away.
fn weak_key() {
    use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
    use cryptoki::mechanism::Mechanism;
    use cryptoki::object::{Attribute, ObjectClass};
    let module = Pkcs11::new(module()).unwrap();
    module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
    let slot = module.get_slots_with_initialized_token().unwrap()[0];
    let session = module.open_rw_session(slot).unwrap();
    session.login(cryptoki::session::UserType::User, Some(&PIN.into())).unwrap();
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::Token(true),
        Attribute::Label(b"guichet-root".to_vec()),
        Attribute::Id(vec![7; 16]),
        Attribute::ValueLen(32.into()),
        Attribute::Sensitive(false),
        Attribute::Extractable(true),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
    ];
    session.generate_key(&Mechanism::AesKeyGen, &template).unwrap();
}

#[test]
fn v_125_a_vault_works_with_its_root_in_a_device_and_opens_by_itself_at_each_start() {
    let mut stand = Stand::with_key();
    let said = stand.child("make").unwrap_err();
    assert!(said.contains("has a key with this label already"), "never a second one: {said}");
    let card = stand.open_with_card();
    assert_eq!(stand.relay(card, "op_1"), Ok(200));
    for round in 2..4 {
        stand.house.kill();
        stand.start();
        assert_eq!(stand.state(), None, "nobody is needed");
        assert_eq!(stand.house.ask(&CardGet { card }).unwrap().last4, "4242");
        assert_eq!(stand.relay(card, &format!("op_{round}")), Ok(200));
    }
    let inventory = stand.house.ask(&InventoryGet {}).unwrap();
    let root = inventory.keys.iter().find(|key| key.id == "root").unwrap();
    assert!(root.place.contains("device") && root.algorithm == "AES-256-GCM", "{root:?}");
    assert_eq!(root.hsm_serial.as_ref().map(String::len), Some(16), "{root:?}");
    assert!(inventory.libraries.iter().any(|one| one.starts_with("cryptoki 0.")));
    let audited = |what: &str| {
        let told = stand.house.ask(&AuditGet {}).unwrap();
        told.checks.into_iter().find(|check| check.what.contains(what)).unwrap().state
    };
    assert_eq!(audited("in a device alone"), CheckState::Good);
    fs::write(&stand.house.config.root_file, "left behind").unwrap();
    assert_eq!(audited("in a device alone"), CheckState::Finding);
    let logged = stand.house.ask(&LogsVerify {}).unwrap();
    assert!(logged.logs.iter().all(|log| log.found.sound), "{logged:?}");
    let data = &stand.house.config.data_dir;
    let ring = fs::read_to_string(data.join("keyring")).unwrap();
    let wrapped = |line: &str| line.rsplit(' ').next().unwrap().len();
    assert!(ring.lines().all(|line| wrapped(line) == 2 * (12 + 32 + 16)), "by the device: {ring}");
}

#[test]
fn v_125_a_vault_whose_device_is_pulled_out_seals_itself_and_opens_when_it_is_back() {
    let mut stand = Stand::with_key();
    let card = stand.open_with_card();
    stand.pull_out();
    assert_eq!(stand.died().code(), Some(EXIT), "every key goes with the process");
    stand.start();
    stand.becomes(Some(TokenFault::Missing));
    assert_eq!(stand.house.ask(&CardGet { card }).unwrap_err(), WireError::Sealed);
    let page = stand.house.get("/v/c/whatever?lang=fr");
    assert!(page.status == 503 && page.has("rien n&#39;a été débité"), "{}", page.body);
    stand.plug_in();
    stand.becomes(None);
    assert_eq!(stand.house.ask(&CardGet { card }).unwrap().last4, "4242");
    assert_eq!(stand.relay(card, "op_1"), Ok(200));
    stand.pull_out();
    assert_eq!(stand.died().code(), Some(EXIT), "one that was found later is watched, too");
    stand.start();
    stand.becomes(Some(TokenFault::Missing));
    stand.house.ask(&Seal {}).unwrap();
    stand.plug_in();
    std::thread::sleep(Duration::from_millis(2_500));
    assert_eq!(stand.state().unwrap().fault, None, "whoever sealed it meanwhile keeps it shut");
    stand.house.ask(&Unseal {}).unwrap();
    assert_eq!(stand.died().code(), Some(EXIT));
    stand.start();
    assert_eq!(stand.house.ask(&CardGet { card }).unwrap().last4, "4242");
}

#[test]
fn v_125_a_refused_pin_is_not_tried_again_until_its_file_changes_or_the_operator_says_so() {
    let mut stand = Stand::with_key();
    stand.write_pin("00000000");
    stand.start();
    stand.becomes(Some(TokenFault::PinRefused));
    // Whoever looked at the device now would miss it: nobody does.
    stand.pull_out();
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(2_500));
        assert_eq!(stand.state().unwrap().fault, Some(TokenFault::PinRefused));
        stand.house.kill();
        stand.start();
        stand.becomes(Some(TokenFault::PinRefused));
    }
    assert_eq!(
        stand.house.ask(&UnsealPin { pin: PIN.into() }).unwrap_err().code(),
        Some("pin_not_needed")
    );
    stand.plug_in();
    stand.house.ask(&Unseal {}).unwrap();
    assert_eq!(stand.died().code(), Some(EXIT));
    stand.start();
    stand.becomes(Some(TokenFault::PinRefused));
    let note = stand.house.config.data_dir.join("pin-refused");
    let noted = fs::read_to_string(&note).unwrap();
    let said = stand.child("make").unwrap_err();
    assert!(said.contains("token_pin_refused"), "a command does not try it either: {said}");
    assert_eq!(fs::read_to_string(&note).unwrap(), noted);
    stand.house.kill();
    stand.write_pin(PIN);
    stand.open_with_card();
    assert_eq!(fs::read_to_string(&note).unwrap(), "", "the device has taken it");
}

#[test]
fn v_125_a_typed_pin_opens_the_vault_and_a_vault_sealed_by_hand_stays_so() {
    let mut stand = Stand::with_key();
    stand.start();
    assert_eq!(stand.state(), None);
    stand.house.kill();
    stand.house.config.token.as_mut().unwrap().pin_file = None;
    stand.start();
    stand.becomes(Some(TokenFault::PinNeeded));
    let code = |said: WireError| said.code().unwrap_or("none").to_owned();
    let typed = |stand: &Stand, pin: &str| {
        stand.house.ask(&UnsealPin { pin: pin.to_owned() }).map_err(code)
    };
    assert_eq!(stand.house.ask(&Unseal {}).map_err(code).unwrap_err(), "token_pin_needed");
    assert_eq!(typed(&stand, "00000000").unwrap_err(), "token_pin_refused");
    stand.becomes(Some(TokenFault::PinNeeded));
    for _ in 0..2 {
        assert_eq!(typed(&stand, PIN).unwrap_err(), "token_pin_wait", "over a restart, too");
        stand.house.kill();
        stand.start();
        stand.becomes(Some(TokenFault::PinNeeded));
    }
    // As if it had been long ago.
    fs::write(stand.house.config.data_dir.join("pin-refused"), "typed:1").unwrap();
    typed(&stand, PIN).unwrap();
    stand.becomes(None);
    assert_eq!(stand.house.logged("vault.unsealed"), ["token_pin_refused", ""]);
    stand.house.ask(&stand.house.shop()).unwrap();
    assert_eq!(typed(&stand, PIN).unwrap_err(), "not_sealed");
    stand.house.kill();
    stand.write_pin(PIN);
    stand.house.config.token.as_mut().unwrap().pin_file = Some(stand.house.dir().join("pin"));
    stand.start();
    assert_eq!(stand.state(), None);
    stand.house.ask(&Seal {}).unwrap();
    assert_eq!(stand.died().code(), Some(EXIT));
    stand.start();
    std::thread::sleep(Duration::from_millis(2_500));
    let sealed = stand.state().unwrap();
    assert_eq!((sealed.root, sealed.fault), (RootForm::Token, None), "device and PIN are there");
    stand.house.ask(&Unseal {}).unwrap();
    assert_eq!(stand.died().code(), Some(EXIT));
    stand.start();
    stand.becomes(None);
}

#[test]
fn v_125_a_device_without_the_key_with_another_one_or_with_a_weak_one_opens_nothing() {
    let mut stand = Stand::new();
    stand.start();
    stand.becomes(Some(TokenFault::KeyMissing));
    assert_eq!(stand.child("make"), Ok(()));
    stand.becomes(None);
    stand.house.kill();
    let again = |stand: &Stand| {
        fs::remove_dir_all(stand.device.join("tokens")).unwrap();
        new_device(&stand.device);
    };
    again(&stand);
    assert_eq!(stand.child("make"), Ok(()));
    stand.start();
    stand.becomes(Some(TokenFault::OtherRoot));
    stand.house.kill();
    again(&stand);
    assert_eq!(stand.child("weak"), Ok(()));
    stand.start();
    stand.becomes(Some(TokenFault::Unfit));
}

#[test]
fn v_125_v_152_the_device_brings_a_backup_back_on_another_machine() {
    let mut stand = Stand::with_key();
    let recipient = stand.house.dir().join("anne.key");
    stand.house.config.backup_recipients = vec![crate::make_recipient(&recipient).unwrap()];
    stand.house.config.backup_dir = Some(stand.house.dir().join("backups"));
    let card = stand.open_with_card();
    let made = stand.house.ask_long(&BackupMake {}, Duration::from_secs(60)).unwrap();
    assert_eq!(made.cards, 1);
    stand.house.kill();
    stand.house.move_to_an_empty_machine();
    stand.write_pin("00000000");
    for _ in 0..2 {
        let said = stand.child("restore").unwrap_err();
        assert!(said.contains("PinRefused"), "{said}");
    }
    stand.write_pin(PIN);
    assert_eq!(stand.child("restore"), Ok(()), "the note of the PIN is in no restore's way");
    stand.start();
    assert_eq!(stand.state(), None);
    assert_eq!(stand.relay(card, "op_1"), Ok(200));
}

#[test]
fn v_128_a_vault_moves_from_a_file_into_a_device_and_a_kill_at_any_step_loses_nothing() {
    for step in ["root_sealed:1", "root_rows:1", "root_keyring:1"] {
        let mut stand = Stand::with_key();
        let token = stand.house.config.token.take();
        stand.house.config.root = RootForm::File;
        let card = stand.open_with_card();
        stand.house.kill();
        (stand.house.config.root, stand.house.config.token) = (RootForm::Token, token);
        let file = stand.house.config.root_file.clone();
        fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
        let said = crate::run::open(&stand.house.config).err().unwrap().to_string();
        assert!(said.contains("0644"), "a file that is still needed is named: {said}");
        fs::set_permissions(&file, PermissionsExt::from_mode(0o400)).unwrap();
        let ended = vault_process(&stand.house).env(super::rotation::DIE_AT, step).status();
        let signal = std::os::unix::process::ExitStatusExt::signal(&ended.unwrap());
        assert_eq!(signal, Some(6), "{step}");
        stand.start();
        assert_eq!(stand.state(), None, "{step}");
        assert_eq!(stand.relay(card, "op_1"), Ok(200), "{step}");
        stand.house.kill();
        fs::remove_file(&file).unwrap();
        fs::write(&file, "left behind").unwrap();
        stand.start();
        assert_eq!(stand.relay(card, "op_2"), Ok(200), "the file is not even read: {step}");
        let logged = stand.house.ask(&LogsVerify {}).unwrap();
        assert!(logged.logs.iter().all(|log| log.found.sound), "{logged:?}");
    }
}

#[test]
fn v_125_a_start_names_what_is_wrong_with_the_configuration() {
    let stand = Stand::new();
    let said = |change: &dyn Fn(&mut crate::Config)| {
        let mut config = stand.house.config.clone();
        change(&mut config);
        crate::run::open(&config).err().unwrap().to_string()
    };
    assert!(said(&|config| config.token = None).contains("[vault.token]"));
    for (name, folder) in [
        ("data_dir", stand.house.config.data_dir.join("module")),
        ("root_file", stand.house.config.root_file.parent().unwrap().to_owned()),
    ] {
        let near = said(&|config| config.token.as_mut().unwrap().folders = vec![folder.clone()]);
        assert!(near.contains("vault.token.folders") && near.contains("apart"), "{name}: {near}");
    }
    let missing = said(&|config| config.token.as_mut().unwrap().module = "/nowhere/x.so".into());
    assert!(missing.contains("/nowhere/x.so"), "{missing}");
    fs::set_permissions(stand.house.dir().join("pin"), PermissionsExt::from_mode(0o644)).unwrap();
    let open = said(&|_| ());
    assert!(open.contains("0644") && !open.contains(PIN), "{open}");
    let mut shares = stand.house.config.clone();
    shares.token = None;
    let mut nobody = |_: u8, _: Option<u8>, _| Err("nobody".to_owned());
    let said = crate::Ceremony::begin_here(&shares, (2, 3), &mut nobody).err().unwrap();
    assert!(said.to_string().contains("in a device"), "{said}");
}
