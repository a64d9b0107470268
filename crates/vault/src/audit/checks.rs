//! The checks, in the order of the standard.

use db::DbError;
use kernel::rng::OsRng;
use kernel::{MerchantId, Timestamp};
use vault_wire::{Audit, Check, CheckState, ClockState, Inventory, LogOf, RootForm};

use super::store;
use crate::core::Core;
use crate::keys::bytes::sha256;
use crate::keys::record::RECORD_BYTES;
use crate::keys::wrap::{Purpose, unwrap, wrap};
use crate::keys::{Key, Root, fingerprint, root};
use crate::log;
use crate::sealing::custodians::Custodian;
use crate::shred::LastDrill;
use crate::viewer::{Guard, Shut};

const STANDARD: &str = "PCI DSS 4.0.1";
/// A card past its date longer than this was not destroyed in time.
const LAG_SECONDS: u64 = 300;
/// A drill older than this says nothing of today.
const DRILL_DAYS: i64 = 31;
const DAY_SECONDS: i64 = 24 * 60 * 60;
/// A number that every test table has: its plain hash must be nowhere.
const KNOWN: &str = "4242424242424242";

/// The lines of a report on their way.
struct Lines(Vec<Check>);

impl Lines {
    fn add(&mut self, rule: &str, what: &str, state: CheckState, evidence: impl Into<String>) {
        let (rule, what, evidence) = (rule.into(), what.into(), evidence.into());
        self.0.push(Check { rule, what, state, evidence });
    }

    fn must(&mut self, (rule, what): (&str, &str), fault: Option<String>, evidence: &str) {
        match fault {
            None => self.add(rule, what, CheckState::Good, evidence),
            Some(fault) => self.add(rule, what, CheckState::Finding, fault),
        }
    }

    fn open(&mut self, rule: &str, what: &str, why: &str) {
        self.add(rule, what, CheckState::NotJudged, why);
    }
}

/// What the tables say, added up over all merchants.
#[derive(Default)]
struct Counted {
    long: u64,
    unsealed: u64,
    used_codes: u64,
    plain_hashes: u64,
    foreign: u64,
    probed: u64,
}

fn some(count: u64, what: &str) -> Option<String> {
    (count > 0).then(|| format!("{count} {what}"))
}

impl Core {
    /// Runs every check.
    pub(crate) async fn audit(&self) -> Result<Audit, String> {
        let at = self.clock.now();
        let text = |error: DbError| error.to_string();
        let mut lines = Lines(Vec::new());
        let counted = self.counted().await.map_err(text)?;
        let inventory = self.inventory().await.map_err(text)?;
        let custodians = self.custodians().await.map_err(text)?;
        let drill = self.last_drill().await.map_err(text)?;
        self.cards(&mut lines, &counted, (drill, at)).await.map_err(text)?;
        self.numbers(&mut lines, &counted);
        self.keys(&mut lines, &inventory, &custodians);
        self.pages_and_people(&mut lines).await?;
        self.logs(&mut lines, &counted).await.map_err(text)?;
        Ok(Audit { at, standard: STANDARD.into(), checks: lines.0 })
    }

    async fn counted(&self) -> Result<Counted, DbError> {
        let merchants: Vec<MerchantId> = self.shops.merchants().into_iter().collect();
        let hash = sha256(KNOWN.as_bytes());
        let plain = *hash.first_chunk::<16>().unwrap_or(&[0; 16]);
        let read = move |tx: &mut db::Tx<'_>| {
            let mut sum = Counted::default();
            for (index, merchant) in merchants.iter().enumerate() {
                let add = |to: &mut u64, more: u64| *to = to.saturating_add(more);
                add(&mut sum.long, store::long_truncations(tx, *merchant)?);
                add(&mut sum.unsealed, store::unsealed(tx, *merchant, RECORD_BYTES)?);
                add(&mut sum.used_codes, store::codes_after_use(tx, *merchant)?);
                add(&mut sum.plain_hashes, store::with_fingerprint(tx, *merchant, plain)?);
                let other = merchants.get((index + 1) % merchants.len());
                let card = store::any_card(tx, *merchant)?;
                if let Some((other, card)) = other.filter(|other| *other != merchant).zip(card) {
                    add(&mut sum.probed, 1);
                    let seen = crate::card::store::card(tx, *other, card)?;
                    add(&mut sum.foreign, u64::from(seen.is_some()));
                }
            }
            Ok(sum)
        };
        self.keeper.db.read::<_, DbError, _>(read).await
    }

    async fn cards(
        &self,
        lines: &mut Lines,
        counted: &Counted,
        (drill, at): (Option<LastDrill>, Timestamp),
    ) -> Result<(), DbError> {
        let figures = crate::figures::read(&self.keeper, &self.shops, &self.codes, at).await?;
        let lag = figures.modes.iter().map(|mode| mode.sweeper_lag_seconds).max().unwrap_or(0);
        let late = (lag > LAG_SECONDS).then(|| format!("a card is {lag} s past its date"));
        let what = "no card past its date";
        lines.must(("3.2.1", what), late, "the sweeper is less than 300 s behind");
        lines.open("3.2.1", "quarterly report made", "this release makes none");
        let used = some(counted.used_codes, "codes are held after their use");
        lines.must(("3.3.1.2", "no code after an authorisation's answer"), used, "0 rows");
        let what = "approved and declined canaries leave no code; code and key are in no file";
        match drill {
            Some(LastDrill { at: last, was_clean })
                if last.plus_seconds(DRILL_DAYS * DAY_SECONDS) > at =>
            {
                let fault = (!was_clean).then(|| format!("the drill of {last} was not clean"));
                lines.must(("3.3.1.2, 3.3.2", what), fault, &format!("drill of {last}"));
            }
            _ => lines.open("3.3.1.2, 3.3.2", what, "no drill in 31 days: run prove-shred"),
        }
        let shops = self.shops.all();
        let same = shops.iter().filter(|shop| {
            let codes = shop.keys.code.all();
            let is_code = |key: &Key| codes.iter().any(|code| code.key.expose() == key.expose());
            shop.keys.property.all().iter().any(|number| is_code(&number.key))
        });
        let mut same = u64::try_from(same.count()).unwrap_or(u64::MAX);
        let ring = self.keeper.keyring.all();
        for (index, key) in ring.iter().enumerate() {
            let mut others = ring.iter().skip(index.saturating_add(1));
            let twice = others.any(|other| other.key.expose() == key.key.expose());
            same = same.saturating_add(u64::from(twice));
        }
        let what = "keys of codes are not those of numbers";
        lines.must(("3.3.2", what), some(same, "shops share them"), "compared in memory");
        Ok(())
    }

    fn numbers(&self, lines: &mut Lines, counted: &Counted) {
        let long = some(counted.long, "cards show more");
        lines.must(("3.4.1", "at most 8 first and 4 last digits"), long, "0 rows show more");
        let why = "reasons of those who may see cards are in the app's journal";
        lines.open("3.4.1", "list of revealers with reasons", why);
        let mut prints: Vec<_> = self
            .shops
            .all()
            .iter()
            .map(|shop| {
                let print = fingerprint::of_digits(&shop.keys.fingerprint, KNOWN);
                (print, shop.settings.merchant)
            })
            .collect();
        prints.sort_unstable();
        prints.dedup();
        let shared = prints.windows(2).filter(|two| matches!(two, [a, b] if a.0 == b.0)).count();
        let shared = some(shared as u64, "merchants share fingerprints");
        let plain = some(counted.plain_hashes, "fingerprints are plain hashes");
        let what = "no plain hash of a number; no fingerprint of two merchants alike";
        lines.must(("3.5.1, 3.5.1.1", what), shared.or(plain), "a known number, all rows");
        let what = "each record is sealed by itself; encryption of files is not counted";
        let unsealed = some(counted.unsealed, "cards without record or slot");
        lines.must(("3.5.1.2", what), unsealed, "every record has its length and its slot");
    }

    /// In which form the root is, and what that form asks for.
    fn form_of_root(&self, lines: &mut Lines, custodians: &[Custodian]) {
        let dual = ("3.7.6, 3.7.8", "one person cannot unseal; acknowledgements");
        match self.seals.form {
            RootForm::File => {
                let what = "root apart from data, mode 0400, whole";
                let fault = root::fault(&self.seals.root_file);
                let evidence = "looked at now; its content at the start";
                lines.must(("3.6.1, 3.6.1.2", what), fault, evidence);
                lines.open(dual.0, dual.1, "the root is one file: an assessor's judgement");
            }
            RootForm::Token => {
                let what = "the root is in a device alone, sensitive and never extractable";
                let evidence = "its attributes at the start; no file of a root where it was";
                lines.must(("3.6.1, 3.6.1.2", what), self.root_left_behind(), evidence);
                let why = "who holds the device and its PIN: an assessor's judgement";
                lines.open(dual.0, dual.1, why);
            }
            RootForm::Shares => {
                let what = "the root is in shares alone";
                let evidence = "no file of a root where it was";
                lines.must(("3.6.1, 3.6.1.2", what), self.root_left_behind(), evidence);
                let why = "made in software, not in a secure cryptographic device: an assessor's \
                           judgement";
                lines.open("3.6.1.2", "where the shares were made", why);
                let fault = custodians.is_empty().then(|| "no whole set of shares is known".into());
                let told = custodians.first().map_or(String::new(), |one| {
                    let (needed, all) = (one.set.needed, one.set.all);
                    format!("{needed} of {all} custodians open it; all {all} have accepted")
                });
                lines.must(dual, fault, &told);
            }
        }
    }

    /// The file of a root that is elsewhere by now.
    fn root_left_behind(&self) -> Option<String> {
        let file = &self.seals.root_file;
        let fault = || format!("{} is still there: destroy it", file.display());
        std::fs::symlink_metadata(file).is_ok().then(fault)
    }

    fn keys(&self, lines: &mut Lines, inventory: &Inventory, custodians: &[Custodian]) {
        self.form_of_root(lines, custodians);
        let strange = inventory.keys.iter().filter(|key| key.algorithm == "unknown").count();
        let strange = some(strange as u64, "keys of no known kind");
        lines.must(
            ("3.6.1.1, 12.3.3", "every key is in the inventory"),
            strange,
            "crypto-inventory",
        );
        let overdue: Vec<&str> = inventory
            .keys
            .iter()
            .filter(|key| key.state == "overdue")
            .map(|key| key.id.as_str())
            .collect();
        let overdue = (!overdue.is_empty()).then(|| format!("past it: {}", overdue.join(", ")));
        let what = "no key past its period";
        lines.must(("3.7.1, 3.7.4, 3.7.5", what), overdue, "compared with the inventory");
        let apart = (!inventory.roots_apart).then(|| "one root seals live and test shops".into());
        lines.must(("3.6.1.1", "test and live have different roots"), apart, "one kind of shop");
        let swapped = swapped_key_opens().then(|| "a swapped key opened".to_owned());
        let tried = "the rule, tried with fresh keys";
        lines.must(("3.7.7", "a swapped wrapped key fails"), swapped, tried);
    }

    async fn pages_and_people(&self, lines: &mut Lines) -> Result<(), String> {
        let pages = self.pages().await?;
        let changed: Vec<&str> =
            pages.files.iter().filter(|file| !file.served).map(|file| file.path.as_str()).collect();
        let changed = (!changed.is_empty()).then(|| changed.join(", "));
        let what = "files are served as built in";
        lines.must(("6.4.3, 11.6.1", what), changed, "compared byte for byte");
        lines.open(
            "11.6.1",
            "the same behind the proxy",
            "the vault cannot go there: compare pages",
        );
        let secret = pages.pages.iter().find(|page| page.path == "/v/r/x");
        let policy = |name: &str| {
            let header = secret.and_then(|page| page.headers.iter().find(|(key, _)| key == name));
            header.map_or("", |(_, value)| value.as_str())
        };
        let csp = policy("content-security-policy");
        let open = !csp.contains("default-src 'none'") || csp.contains("script-src");
        let loose = open || !policy("cache-control").contains("no-store");
        let loose = loose.then(|| format!("policy: {csp}"));
        let what = "the page of a number has no script and is not kept";
        lines.must(("3.4.2", what), loose, "headers of now");
        let why = "the tables take one PIN for one person; whether he tells it is not seen";
        lines.open("7.2.6, 8.2.2", "no PIN is shared", why);
        let why = "idle PINs go off by themselves; the age of the app's sign-in is not looked at";
        lines.open("8.2.6, 8.2.8", "idle PINs off; age of the second factor", why);
        let guard = (!locks_after_five()).then(|| "five wrong tries do not lock".to_owned());
        let tried = "the rule, tried on a counter that is nobody's";
        lines.must(("8.3.4", "five wrong tries lock for 30 minutes"), guard, tried);
        let why = "the rule holds in code and is tested; nothing to compare while it runs";
        lines.open("8.3.7, 8.3.9", "history of four; never a single factor", why);
        lines.open("8.4.2, 8.5.1", "a replayed second factor is refused", "the app's sign-in");
        Ok(())
    }

    async fn logs(&self, lines: &mut Lines, counted: &Counted) -> Result<(), DbError> {
        let logs = self.verified_logs().await?;
        let broken: Vec<&str> =
            logs.iter().filter(|log| !log.found.sound).map(|log| log.of.as_str()).collect();
        let logs = logs.len();
        let fault = (!broken.is_empty()).then(|| format!("not sound: {}", broken.join(", ")));
        lines.must(("10.2, 10.3", "the log is whole"), fault, &format!("{logs} logs recomputed"));
        lines.open(
            "10.3.3",
            "heads saved elsewhere",
            "whether somebody keeps them is not known here",
        );
        lines.open("10.4.1.1, 10.5.1", "daily review; twelve months", "this release reviews none");
        let clock = self.watch.told();
        let off = (clock.state != ClockState::Safe).then(|| {
            format!(
                "the machine's clock is {} s off: {}",
                clock.offset_seconds,
                clock.state.as_str()
            )
        });
        let what = "the machine's clock is believed";
        lines.must(("10.6", what), off, "no leap back by a minute, none forward by a day");
        let why = "failing closed is proved by tests, not while it runs";
        lines.open("10.7", "fail closed", why);
        lines.open("12.5.2", "data-flow list", "docs/compliance/pci.md has it");
        let what = "another merchant finds nothing";
        if counted.probed == 0 {
            lines.open("A1", what, "fewer than two merchants with a card");
        } else {
            let probed = format!("{} probes", counted.probed);
            lines.must(("A1", what), some(counted.foreign, "cards were found"), &probed);
        }
        Ok(())
    }
}

impl Core {
    /// Every log recomputed: those of merchants, the installation's own, the drill's.
    pub(crate) async fn verified_logs(&self) -> Result<Vec<LogOf>, DbError> {
        let (own, _) = log::installation();
        let mut logs = Vec::new();
        for merchant in self.shops.merchants().into_iter().chain([own]) {
            let of = match merchant {
                merchant if merchant == own => "installation".to_owned(),
                merchant if crate::shred::is_drill(merchant) => "drill".to_owned(),
                merchant => merchant.to_string(),
            };
            logs.push(LogOf { of, found: self.log.verify(merchant).await? });
        }
        Ok(logs)
    }
}

/// A wrapped key in another one's place must not open.
fn swapped_key_opens() -> bool {
    let (root, key) = (Root::Here(Key::random(&OsRng)), Key::random(&OsRng));
    let purpose = |shop| Purpose { kind: "property_number", merchant: "a", shop, version: 1 };
    let wrapped = wrap(&root, &purpose("a"), &key, &OsRng).unwrap_or_default();
    let fits = unwrap(&root, &purpose("a"), &wrapped).is_ok();
    !fits || unwrap(&root, &purpose("b"), &wrapped).is_ok()
}

fn locks_after_five() -> bool {
    let now = Timestamp::from_micros(0);
    let mut guard = Guard::default();
    for _ in 0..5 {
        match guard.count(now) {
            Ok(next) => guard = next,
            Err(_) => return false,
        }
    }
    let until = now.plus_minutes(30);
    guard.open(now) == Err(Shut::Until(until)) && guard.open(until).is_ok()
}
