//! The vault's figures, as monitoring reads them.

use std::collections::BTreeMap;

use http::metrics::{Figure, Kind, Series, Times};
use kernel::Mode;
use vault_wire::{Figures, ModeFigures};

/// Every figure of the vault. Of a sealed one nothing else is known.
pub(super) fn figures(vault: &Figures) -> Vec<Figure> {
    let is_sealed = i64::from(vault.sealed);
    let sealed = Figure::one("vault_sealed", "Whether the vault is sealed", is_sealed);
    if vault.sealed {
        return vec![sealed];
    }
    let mut all = vec![sealed];
    all.extend(of_shops(vault));
    all.extend(of_people(vault));
    all.extend(of_house(vault));
    all.extend(backup(vault));
    all
}

fn of_shops(vault: &Figures) -> Vec<Figure> {
    let mut codes = by(vault, "state", |one| &one.codes);
    codes.push((vec![("state", "memory".to_owned())], signed(vault.codes_in_memory)));
    vec![
        Figure {
            name: "vault_cards",
            help: "Cards, by state",
            kind: Kind::Gauge,
            series: by(vault, "state", |one| &one.cards),
        },
        Figure {
            name: "vault_codes",
            help: "Security codes, by state; those in memory are of all shops",
            kind: Kind::Gauge,
            series: codes,
        },
        Figure {
            name: "vault_due_cards",
            help: "Cards past their date and not yet destroyed",
            kind: Kind::Gauge,
            series: each(vault, |one| one.due_cards),
        },
        Figure {
            name: "vault_sweeper_lag_seconds",
            help: "For how long the oldest of them is due",
            kind: Kind::Gauge,
            series: each(vault, |one| one.sweeper_lag_seconds),
        },
    ]
}

fn of_people(vault: &Figures) -> Vec<Figure> {
    let shown = vault.modes.iter().map(|one| {
        let labels = vec![mode(one.mode), ("result", "shown".to_owned())];
        (labels, signed(one.reveals))
    });
    vec![
        Figure {
            name: "vault_reveals",
            help: "Cards that were shown to a person",
            kind: Kind::Counter,
            series: shown.collect(),
        },
        Figure {
            name: "vault_links",
            help: "Links to see a card, by how they ended",
            kind: Kind::Counter,
            series: by(vault, "end", |one| &one.links),
        },
        Figure {
            name: "vault_pin_locked",
            help: "People whose PIN is locked or blocked",
            kind: Kind::Gauge,
            series: each(vault, |one| one.pins_locked),
        },
        counted("vault_pin_failures", "Wrong PINs since the vault started", vault.pin_failures),
        counted(
            "vault_quota_refused",
            "Reveals and enrolments refused as too many, since the vault started",
            vault.quota_refused,
        ),
        counted(
            "vault_denied_ip",
            "Keys used from an address that they are not for, since the vault started",
            vault.denied_addresses,
        ),
    ]
}

fn of_house(vault: &Figures) -> Vec<Figure> {
    let proxied = vault.proxy_cards.iter().map(|one| {
        let profile = ("profile", one.profile.to_string());
        (vec![profile, ("result", one.result.clone())], signed(one.count))
    });
    let ages = vault.key_age_days.iter();
    let ages = ages.map(|(kind, days)| (vec![("key", kind.clone())], signed(*days)));
    let epochs = vault.epochs.iter();
    let epochs = epochs.map(|(class, no)| (vec![("class", class.clone())], i64::from(*no)));
    vec![
        Figure {
            name: "vault_proxy_cards",
            help: "Cards in messages of sales channels, by what became of them",
            kind: Kind::Counter,
            series: proxied.collect(),
        },
        Figure {
            name: "vault_key_age_days",
            help: "Age of the oldest key of each kind",
            kind: Kind::Gauge,
            series: ages.collect(),
        },
        Figure {
            name: "vault_epoch",
            help: "Number of the epoch that seals slots of a class",
            kind: Kind::Gauge,
            series: epochs.collect(),
        },
        Figure::one(
            "vault_under_old_keys",
            "Records still sealed under keys that are about to go",
            signed(vault.under_old_keys),
        ),
        Figure {
            name: "vault_store_seconds",
            help: "Time to store a card: sealed, its slot and its row durable",
            kind: Kind::Times(Times {
                classes: vault.stored.classes.clone(),
                longer: vault.stored.longer,
                sum_micros: vault.stored.sum_micros,
            }),
            series: Vec::new(),
        },
        Figure::one(
            "vault_clock_offset_seconds",
            "How far the machine's clock is from what it should show; 0 while it is believed",
            vault.clock_offset_seconds,
        ),
        Figure::one("vault_log_size", "Entries of all logs", signed(vault.log_size)),
        Figure::one(
            "vault_checkpoint_age_seconds",
            "Age of the oldest signed head that has entries after it",
            signed(vault.checkpoint_age_seconds),
        ),
    ]
}

fn counted(name: &'static str, help: &'static str, value: u64) -> Figure {
    let series = vec![(Vec::new(), signed(value))];
    Figure { name, help, kind: Kind::Counter, series }
}

fn each(vault: &Figures, value: impl Fn(&ModeFigures) -> u64) -> Vec<Series> {
    vault.modes.iter().map(|one| (vec![mode(one.mode)], signed(value(one)))).collect()
}

fn by(
    vault: &Figures,
    label: &'static str,
    counts: impl Fn(&ModeFigures) -> &BTreeMap<String, u64>,
) -> Vec<Series> {
    let one = |one: &ModeFigures| {
        let named = |(name, value): (&String, &u64)| {
            (vec![mode(one.mode), (label, name.clone())], signed(*value))
        };
        counts(one).iter().map(named).collect::<Vec<_>>()
    };
    vault.modes.iter().flat_map(one).collect()
}

fn mode(mode: Mode) -> (&'static str, String) {
    ("mode", mode.as_str().to_owned())
}

/// How old the newest backup is, and whether it was whole when it was last tried; nothing while there
/// is none.
fn backup(vault: &Figures) -> Vec<Figure> {
    let Some(backup) = vault.backup.as_ref().filter(|backup| backup.newest.is_some()) else {
        return Vec::new();
    };
    vec![
        Figure::one(
            "vault_backup_age_seconds",
            "Age of the newest backup of the vault",
            signed(backup.age_seconds),
        ),
        Figure::one(
            "vault_backup_fault",
            "1 when the newest backup did not open when it was last tried",
            i64::from(backup.fault.is_some()),
        ),
    ]
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_158_the_vaults_figures_are_told_as_prometheus_reads_them() {
        let mut live = ModeFigures::of(Mode::Live);
        live.cards.insert("active".into(), 12);
        live.codes.insert("available".into(), 1);
        live.links.insert("used".into(), 4);
        live.reveals = 4;
        live.sweeper_lag_seconds = 301;
        let told = Figures {
            modes: vec![live],
            codes_in_memory: 3,
            log_size: 99,
            checkpoint_age_seconds: 61,
            key_age_days: BTreeMap::from([("log".to_owned(), 30)]),
            epochs: BTreeMap::from([("code".to_owned(), 214)]),
            under_old_keys: 5,
            pin_failures: 2,
            clock_offset_seconds: -7_200,
            backup: Some(vault_wire::BackupState {
                newest: Some("backup-20261123T051846Z-3f2a".into()),
                age_seconds: 3_600,
                ..Default::default()
            }),
            stored: vault_wire::Times {
                classes: vec![(5_000, 6), (10_000, 1)],
                longer: 2,
                sum_micros: 1_250_000,
            },
            ..Figures::default()
        };
        let told = http::metrics::text(&figures(&told));
        for line in [
            "vault_cards{mode=\"live\",state=\"active\"} 12",
            "vault_codes{mode=\"live\",state=\"available\"} 1",
            "vault_codes{state=\"memory\"} 3",
            "vault_sweeper_lag_seconds{mode=\"live\"} 301",
            "vault_reveals_total{mode=\"live\",result=\"shown\"} 4",
            "vault_links_total{mode=\"live\",end=\"used\"} 4",
            "vault_pin_failures_total{} 2",
            "vault_key_age_days{key=\"log\"} 30",
            "vault_epoch{class=\"code\"} 214",
            "vault_under_old_keys{} 5",
            "# TYPE vault_store_seconds histogram",
            "vault_store_seconds_bucket{le=\"0.01\"} 7",
            "vault_store_seconds_bucket{le=\"+Inf\"} 9",
            "vault_store_seconds_sum 1.25",
            "vault_store_seconds_count 9",
            "vault_backup_age_seconds{} 3600",
            "vault_backup_fault{} 0",
            "vault_clock_offset_seconds{} -7200",
            "vault_log_size{} 99",
            "vault_sealed{} 0",
            "vault_checkpoint_age_seconds{} 61",
        ] {
            assert!(told.contains(line), "{line}\n{told}");
        }
        let none = http::metrics::text(&figures(&Figures::default()));
        assert!(!none.contains("vault_backup"), "there is no backup: {none}");
        assert!(!told.contains("vault_vcc_due"), "it has nothing to tell yet");
        let known = Figures { sealed: true, log_size: 99, ..Figures::default() };
        let sealed = http::metrics::text(&figures(&known));
        assert!(sealed.contains("vault_sealed{} 1"), "{sealed}");
        assert_eq!(figures(&known).len(), 1, "nothing else is known of it: {sealed}");
    }
}
