//! The reviewed list of all addresses.

/// Who stands behind an address, and so what its answers look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    PublicPage,
    PayerToken,
    Staff,
    Api,
    Sealed,
    Private,
    Demo,
    Asset,
    VaultAsset,
    VaultPage,
    VaultApi,
    Bank,
}

/// What an address asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Nothing,
    /// Any open key.
    Known,
    /// A key of the vault.
    VaultKey,
    Right(kernel::Right),
}

/// One line of the list.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) kind: Kind,
    pub(super) need: Need,
}

impl Endpoint {
    pub(super) fn right(&self) -> Option<kernel::Right> {
        if let Need::Right(right) = self.need { Some(right) } else { None }
    }

    /// Whether it names an object.
    pub(super) fn has_id(&self) -> bool {
        ["{id}", "{shop}", "{file}", "{merchant}"].iter().any(|part| self.path.contains(part))
    }

    pub(super) fn reads(&self) -> bool {
        self.method == "GET"
    }
}

/// All of them.
pub(super) fn all() -> Vec<Endpoint> {
    let lines = include_str!("../endpoints.txt").lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    // The demo has no private listener; nobody but the operator reaches one.
    lines.map(endpoint).filter(|endpoint| endpoint.kind != Kind::Private).collect()
}

fn endpoint(line: &'static str) -> Endpoint {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [method, path, kind, need, ..] = words[..] else { panic!("{line}") };
    let kind = match kind {
        "public-page" => Kind::PublicPage,
        "payer-token" => Kind::PayerToken,
        "staff" => Kind::Staff,
        "api" => Kind::Api,
        "sealed" => Kind::Sealed,
        "private" => Kind::Private,
        "demo" => Kind::Demo,
        "asset" | "app-asset" => Kind::Asset,
        "vault-asset" => Kind::VaultAsset,
        "vault-page" => Kind::VaultPage,
        "vault-api" => Kind::VaultApi,
        "bank" => Kind::Bank,
        _ => panic!("{line}"),
    };
    let need = match need {
        "-" => Need::Nothing,
        "known" => Need::Known,
        "vault-key" => Need::VaultKey,
        right => Need::Right(kernel::Right::parse(right).unwrap_or_else(|| panic!("{line}"))),
    };
    Endpoint { method, path, kind, need }
}
