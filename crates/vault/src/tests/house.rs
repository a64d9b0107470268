//! A vault with a shop, on ports of its own, that can be killed and started again.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use db::{Db, DbError, DbOptions};
use kernel::rng::{OsRng, SeededRng};
use kernel::{Locale, MerchantId, Mode, Money, PaymentId, Rng, ShopId};
use serde_json::Value;
use tokio::runtime::Runtime;
use vault_wire::{
    Brand, CaptureCreate, CaptureRedeem, CodePolicy, Display, Keep, Operation, Purpose, Redeemed,
    RelayCall, Relayed, ShopPut, VaultClient, VaultKey, WireError, WireScope,
};

use super::bank::Bank;
use crate::keys::bytes::hex;
use crate::{Config, Sandbox};

pub(super) const APP: &str = "http://127.0.0.1:7700";
pub(super) const VAULT_KEY: &str = "vk_test_0123456789abcdefghjkmnpqrs";

pub(super) struct House {
    /// The vault's own runtime: dropped, everything of it stops at once.
    vault: Option<Runtime>,
    /// The vault as a process of its own.
    pub(super) process: Option<std::process::Child>,
    outside: Runtime,
    pub(super) bank: Bank,
    pub(super) config: Config,
    pub(super) client: VaultClient,
    pub(super) scope: WireScope,
    dir: tempfile::TempDir,
}

/// An HTTP answer.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(super) fn has(&self, text: &str) -> bool {
        self.body.contains(text)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A schema of the tests' server, where there is one; else the vault's own file.
fn tables(dir: &Path) -> Option<db::Place> {
    let place = db::testing::scratch(dir, "vault").unwrap().place;
    matches!(place, db::Place::Server(_)).then_some(place)
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl House {
    pub(super) fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let outside = Runtime::new().unwrap();
        let bank = Bank::start(&outside);
        let listen = free_address();
        let config = Config {
            listen,
            database: tables(dir.path()),
            app_database: None,
            public_url: format!("http://{listen}"),
            app_origin: APP.into(),
            data_dir: dir.path().join("vault"),
            socket: dir.path().join("vault.sock"),
            root_file: dir.path().join("root.key"),
            root: vault_wire::RootForm::File,
            sandbox_addr: bank.address,
            allowed_uid: None,
            demo: true,
            host_seconds: Some(1),
            sandbox: Sandbox::BestEffort,
            same_user: None,
            backup_dir: None,
            backup_recipients: Vec::new(),
            token: None,
        };
        let rng = OsRng;
        let scope = WireScope::of_house(MerchantId::random(&rng), ShopId::random(&rng));
        let client = VaultClient::connect(config.socket.clone());
        let mut house =
            Self { vault: None, process: None, outside, bank, config, client, scope, dir };
        house.start();
        let shop = house.shop();
        house.ask(&shop).unwrap();
        house
    }

    pub(super) fn shop(&self) -> ShopPut {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, VAULT_KEY.as_bytes());
        ShopPut {
            merchant: self.scope.merchant,
            shop: self.scope.shop,
            mode: Mode::Test,
            zone: "Europe/Paris".into(),
            name: "Hôtel des Tuffeaux".into(),
            brands: vec![Brand::Cb, Brand::Visa, Brand::Mastercard],
            origins: vec!["https://tuffeaux.example".into(), "http://127.0.0.1:*".into()],
            retention_days: 3,
            cancel_retention_days: 1,
            vault_keys: vec![VaultKey {
                hash: hex(hash.as_ref()),
                ips: vec!["127.0.0.0/8".into()],
            }],
            look: vault_wire::ShopLook::default(),
        }
    }

    pub(super) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn start(&mut self) {
        let runtime = Runtime::new().unwrap();
        let opened = crate::run::open(&self.config).unwrap();
        let config = self.config.clone();
        runtime.spawn(async move {
            if let Err(error) = crate::run::serve(config, opened, Vec::new()).await {
                panic!("{error}");
            }
        });
        self.vault = Some(runtime);
        self.wait();
    }

    /// Starts it as a process of its own, in its sandbox.
    pub(super) fn start_process(&mut self, mut command: std::process::Command) {
        self.process = Some(command.spawn().unwrap());
        self.wait();
    }

    fn wait(&self) {
        let limit = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(self.config.listen).is_err() || self.get("/health").status != 200 {
            assert!(Instant::now() < limit, "the vault does not start");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stops everything of the vault at once, as a kill does; files stay as they are.
    pub(super) fn kill(&mut self) {
        if let Some(runtime) = self.vault.take() {
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// How its process has ended by itself; killed if it does not.
    pub(super) fn died(&mut self) -> std::process::ExitStatus {
        let mut process = self.process.take().unwrap();
        let limit = Instant::now() + Duration::from_secs(60);
        while process.try_wait().unwrap().is_none() && Instant::now() < limit {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = process.kill();
        process.wait().unwrap()
    }

    /// A merchant's log as the command saves it.
    pub(super) fn saved_log(&self, log: &vault_wire::LogSize) -> String {
        self.outside.block_on(vault_wire::saved_log(&self.client, log)).unwrap()
    }

    /// The purposes with which the installation's log has an event.
    pub(super) fn logged(&self, event: &str) -> Vec<String> {
        let place = DbOptions::at(crate::place(&self.config));
        let db = Db::open(&place, &[crate::MIGRATIONS]).unwrap();
        let read = |tx: &mut db::Tx<'_>| {
            let sql = "SELECT entry FROM vault_log WHERE merchant_id = $1 ORDER BY seq";
            tx.query(sql, &db::params![[0_u8; 16]])?.iter().map(|row| row.get("entry")).collect()
        };
        let entries: Vec<String> = db.read_blocking::<_, DbError, _>(read).unwrap();
        let entries = entries.iter().map(|text| -> Value { serde_json::from_str(text).unwrap() });
        let said = entries.filter(|entry| entry["event"] == event);
        said.map(|entry| entry["purpose"].as_str().unwrap().to_owned()).collect()
    }

    /// Another data folder and other tables, both empty; root key and backups are there.
    pub(super) fn move_to_an_empty_machine(&mut self) {
        let number = (1..).find(|number| !self.dir().join(format!("machine{number}")).exists());
        let machine = self.dir().join(format!("machine{}", number.unwrap()));
        std::fs::create_dir(&machine).unwrap();
        self.config.database = tables(&machine);
        self.config.data_dir = machine.join("vault");
    }

    pub(super) fn ask<O: Operation>(&self, question: &O) -> Result<O::Answer, WireError> {
        self.ask_as(&self.scope, question)
    }

    pub(super) fn ask_as<O: Operation>(
        &self,
        scope: &WireScope,
        question: &O,
    ) -> Result<O::Answer, WireError> {
        self.outside.block_on(self.client.ask(scope, question))
    }

    pub(super) fn ask_long<O: Operation>(
        &self,
        question: &O,
        wait: Duration,
    ) -> Result<O::Answer, WireError> {
        self.outside.block_on(self.client.ask_within(Some(&self.scope), question, wait))
    }

    /// A card page for a payment of 100.80 €.
    pub(super) fn request(&self, payment: PaymentId) -> CaptureCreate {
        CaptureCreate {
            shop: self.scope.shop,
            purpose: Purpose::Payment,
            payment: Some(payment),
            booking: None,
            customer: None,
            keep: Keep::None,
            lang: Locale::Fr,
            return_url: format!("{APP}/p/token/retour"),
            form_origin: None,
            frame_origin: None,
            card: None,
            ask: Vec::new(),
            code: CodePolicy::Required,
            brands: Vec::new(),
            display: Display {
                amount: Some(Money::eur(10_080)),
                merchant: "Hôtel des Tuffeaux".into(),
                lines: vec!["Chambre double, 2 nuits".into()],
                back_url: Some(format!("{APP}/p/token")),
                ..Display::default()
            },
        }
    }

    /// Opens a page and gives its path.
    pub(super) fn page(&self, request: &CaptureCreate) -> String {
        let created = self.ask(request).unwrap();
        created.url.strip_prefix(&self.config.public_url).unwrap().to_owned()
    }

    /// Stores a card through the page and redeems it.
    pub(super) fn card(&self, number: &str, change: impl FnOnce(&mut CaptureCreate)) -> Redeemed {
        let payment = PaymentId::random(&OsRng);
        let mut request = self.request(payment);
        change(&mut request);
        let page = self.page(&request);
        let form = format!("number={number}&exp=12/30&code=123&brand=");
        let sent = self.post(&page, &form);
        assert_eq!(sent.status, 303, "{}", sent.body);
        self.redeem(&sent, request.payment).unwrap()
    }

    pub(super) fn redeem(
        &self,
        sent: &Reply,
        payment: Option<PaymentId>,
    ) -> Result<Redeemed, WireError> {
        let (_, id) = sent.header("location").split_once("capture=").unwrap();
        self.ask(&CaptureRedeem { id: id.parse().unwrap(), payment })
    }

    pub(super) fn relay(&self, card: kernel::CardToken, name: &str) -> Result<Relayed, WireError> {
        self.ask(&authorise(card, name))
    }

    pub(super) fn get(&self, path: &str) -> Reply {
        self.send(&format!("GET {path} HTTP/1.1\r\n"), &[], "")
    }

    pub(super) fn post(&self, path: &str, form: &str) -> Reply {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.send(&format!("POST {path} HTTP/1.1\r\n"), &[kind], form)
    }

    pub(super) fn send(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut stream = TcpStream::connect(self.config.listen).unwrap();
        let mut text = format!("{line}host: vault\r\nconnection: close\r\n");
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        text += &format!("content-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(text.as_bytes()).unwrap();
        let mut raw = Vec::new();
        let _ = stream.read_to_end(&mut raw);
        let text = String::from_utf8_lossy(&raw).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text.as_str(), ""));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status.and_then(|code| code.parse().ok()).unwrap_or(0);
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Reply { status, headers, body: body.to_owned() }
    }

    /// Files of the vault that hold one of the digits, in one of the usual writings.
    pub(super) fn files_with(&self, digits: &str) -> Vec<PathBuf> {
        let nibble = |b: u8| b & 0x0f;
        let packed: Vec<u8> = digits
            .as_bytes()
            .chunks_exact(2)
            .map(|two| nibble(two[0]) << 4 | nibble(two[1]))
            .collect();
        let wide: Vec<u8> = digits.bytes().flat_map(|b| [b, 0]).collect();
        let mut needles =
            vec![digits.as_bytes().to_vec(), wide, hex(digits.as_bytes()).into_bytes(), packed];
        for offset in 0..3 {
            use base64::Engine as _;
            let padded = [vec![b'x'; offset], digits.as_bytes().to_vec()].concat();
            let text = base64::engine::general_purpose::STANDARD_NO_PAD.encode(padded);
            needles.push(text.as_bytes()[offset + 1..text.len() - 2].to_vec());
        }
        let mut found = Vec::new();
        let mut folders = vec![self.dir().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(bytes) = std::fs::read(&path) {
                    let holds = |needle: &Vec<u8>| {
                        bytes.windows(needle.len()).any(|window| window == needle)
                    };
                    if needles.iter().any(holds) {
                        found.push(path);
                    }
                }
            }
        }
        found
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.kill();
    }
}

/// An authorisation of 100.80 € with the code.
pub(super) fn authorise(card: kernel::CardToken, name: &str) -> RelayCall {
    let args = serde_json::json!({
        "ref": name, "amount": 10_080, "currency": "EUR", "initiator": "payer",
        "chain": "", "authentication": "", "capture": "now",
    });
    RelayCall {
        template: "sandbox.authorise".into(),
        card,
        args: serde_json::from_value(args).unwrap(),
        use_code: true,
        code_follows: false,
        idempotency: name.into(),
    }
}

/// A payment id that is always the same.
pub(super) fn payment(seed: u64) -> PaymentId {
    let rng: &dyn Rng = &SeededRng::new(seed);
    PaymentId::random(rng)
}
