//! `guichet admin merchant create`: the first door of an installation.
//!
//! Makes a merchant with its live shop and its test twin, points of sale and public sites, and its owner, who chooses
//! his own password and connects his authenticator through a link that works once. Runs while
//! the app serves, which finds the new shops within two seconds.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use db::{Route, Tx};
use identity::invitations::ops::{Fresh, VALID_DAYS};
use identity::merchants::model::{ANY_LOOPBACK, Custody, FeePlan, is_slug};
use identity::merchants::{Merchant, PointOfSale, Shop, ops as merchants};
use identity::secrets::AppKeys;
use identity::users::people::{self, Invited};
use identity::users::{Assignment, UserError};
use identity::{audit, roles, scope};
use kernel::{
    AuditId, ContractId, Currency, Email, Locale, MerchantId, Mode, PointOfSaleId, Scope, ShopId,
    Timestamp, UserId, Zone,
};
use web::Context;

use crate::admin::Form;
use crate::command::could_not_run;
use crate::config::Config;
use crate::wiring;

/// Who is to be created.
#[derive(Debug, Args)]
pub(crate) struct MerchantArgs {
    /// The configuration file
    #[arg(long)]
    config: PathBuf,
    /// Name of the property on pages and papers
    #[arg(long)]
    name: String,
    /// E-mail address of the owner, with which he signs in; guests may write to it
    #[arg(long)]
    email: Email,
    /// Name of the owner
    #[arg(long, default_value = "Propriétaire")]
    owner: String,
    /// Name in addresses, as in /s/{slug}; made from the name when it is not given
    #[arg(long)]
    slug: Option<String>,
    /// Phone that guests may call
    #[arg(long, default_value = "")]
    phone: String,
    /// Postal address; `\n` begins a new line
    #[arg(long, default_value = "")]
    address: String,
    /// IANA name of the time zone
    #[arg(long, default_value = "Europe/Paris")]
    zone: String,
    /// Currency of the books (ISO 4217)
    #[arg(long, default_value = "EUR")]
    currency: Currency,
    /// Language when nobody chose one: fr or en
    #[arg(long, default_value = "fr")]
    lang: String,
    /// Brands the contract accepts
    #[arg(long, value_delimiter = ',', default_value = "cb,visa,mastercard")]
    brands: Vec<String>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// What was made.
struct Made {
    merchant: MerchantId,
    shops: Vec<(Mode, ShopId, PointOfSaleId)>,
    link: String,
}

/// Creates the merchant; exit 0 done, 2 nothing was done.
pub(crate) fn create(args: &MerchantArgs) -> ExitCode {
    let form = if args.json { Form::Json } else { Form::Text };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let made =
        runtime.map_err(|error| error.to_string()).and_then(|runtime| runtime.block_on(made(args)));
    match made {
        Ok(made) => {
            print(&made, form);
            ExitCode::SUCCESS
        }
        Err(error) => could_not_run(&error),
    }
}

async fn made(args: &MerchantArgs) -> Result<Made, String> {
    let ctx = wiring::context(&Config::read(&args.config)?)?;
    let (rng, now) = (ctx.rng.as_ref(), ctx.real_now());
    let merchant = merchant(args, MerchantId::new(now, rng))?;
    // Every shop of the demo is a test shop.
    let modes: &[Mode] = if ctx.demo { &[Mode::Test] } else { &[Mode::Live, Mode::Test] };
    let shops: Vec<(Shop, PointOfSale)> =
        modes.iter().map(|mode| shop(args, &ctx, *mode)).collect();
    let owner = UserId::new(now, rng);
    let keys = AppKeys::from_root(ctx.app_key.expose());
    let fresh = Fresh::new(&keys, owner, rng).map_err(|error| error.to_string())?;
    let invited = Invited {
        id: owner,
        email: args.email.clone(),
        name: args.owner.clone(),
        locale: merchant.locale,
        assignment: Assignment::of_role(roles::OWNER),
    };
    let made = Made {
        merchant: merchant.id,
        shops: shops.iter().map(|(shop, point)| (shop.mode, shop.id, point.id)).collect(),
        link: format!("{}/invitation/{}", ctx.urls.app, fresh.token),
    };
    let audit_id = AuditId::new(now, rng);
    let write = move |tx: &mut Tx<'_>| -> Result<(), Untold> {
        let found = Found { merchant: &merchant, shops: &shops, invited: &invited, fresh: &fresh };
        found.write(tx, (now, audit_id))
    };
    ctx.db.write(Route::any(), write).await.map_err(|error| error.to_string())?;
    Ok(made)
}

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
enum Untold {
    #[error("--{0} cannot be taken as it is")]
    Field(&'static str),
    #[error("--slug: another site has it")]
    SlugTaken,
    #[error("--email: it has an account already")]
    EmailTaken,
    #[error(transparent)]
    Merchant(merchants::MerchantError),
    #[error(transparent)]
    User(UserError),
    #[error(transparent)]
    Db(#[from] db::DbError),
}

impl From<merchants::MerchantError> for Untold {
    fn from(error: merchants::MerchantError) -> Self {
        match error {
            merchants::MerchantError::Field(field) => Self::Field(field),
            merchants::MerchantError::SlugTaken => Self::SlugTaken,
            other => Self::Merchant(other),
        }
    }
}

impl From<UserError> for Untold {
    fn from(error: UserError) -> Self {
        match error {
            UserError::EmailTaken => Self::EmailTaken,
            other => Self::User(other),
        }
    }
}

/// All that is written in one transaction.
struct Found<'a> {
    merchant: &'a Merchant,
    shops: &'a [(Shop, PointOfSale)],
    invited: &'a Invited,
    fresh: &'a Fresh,
}

impl Found<'_> {
    fn write(&self, tx: &mut Tx<'_>, (now, id): (Timestamp, AuditId)) -> Result<(), Untold> {
        let of = |mode| -> Scope { scope::for_house(self.merchant.id, mode) };
        let first = self.shops.first().map_or(Mode::Test, |(shop, _)| shop.mode);
        merchants::create(tx, &of(first), self.merchant, now)?;
        for (shop, point) in self.shops {
            let scope = of(shop.mode);
            merchants::add_shop(tx, &scope, shop, now)?;
            merchants::add_point_of_sale(tx, &scope, point, now)?;
            merchants::open_site(tx, &scope, shop.id, &slug_of(self.merchant, shop.mode, first))?;
        }
        people::add(tx, &of(first), (self.invited, self.fresh), now)?;
        let origin = audit::Origin { role: "admin".into(), ..audit::Origin::default() };
        let line = audit::Line::new("user.created", self.invited.id, &origin);
        audit::record(tx, &of(first), &line, now, id)?;
        Ok(())
    }
}

/// The site of the live shop, or of the only one, has the merchant's name; its twin adds `-test`.
fn slug_of(merchant: &Merchant, mode: Mode, first: Mode) -> String {
    if mode == first { merchant.slug.clone() } else { format!("{}-test", merchant.slug) }
}

fn merchant(args: &MerchantArgs, id: MerchantId) -> Result<Merchant, String> {
    let slug = args.slug.clone().unwrap_or_else(|| slug_from(&args.name));
    if !is_slug(&slug) {
        return Err(format!("--slug: {slug:?} is not lower-case words with hyphens"));
    }
    Ok(Merchant {
        id,
        name: args.name.clone(),
        slug,
        zone: Zone::named(&args.zone).map_err(|_| "--zone: not an IANA name".to_owned())?,
        currency: args.currency,
        locale: Locale::parse(&args.lang).ok_or("--lang: fr or en")?,
        accent: None,
        phone: args.phone.clone(),
        email: args.email.clone(),
        address: args.address.replace("\\n", "\n"),
        logo: None,
    })
}

fn shop(args: &MerchantArgs, ctx: &Context, mode: Mode) -> (Shop, PointOfSale) {
    let (rng, now) = (ctx.rng.as_ref(), ctx.real_now());
    let own = ctx.urls.app.clone();
    let shop = Shop {
        id: ShopId::new(now, rng),
        name: args.name.clone(),
        mode,
        contract: ContractId::new(now, rng),
        custody: Custody::RecordOnly,
        fee: FeePlan::NONE,
        brands: args.brands.clone(),
        return_origins: match mode {
            Mode::Live => vec![own],
            Mode::Test => vec![own, ANY_LOOPBACK.to_owned()],
        },
        opened_at: None,
    };
    let point = PointOfSale {
        id: PointOfSaleId::new(now, rng),
        shop: shop.id,
        name: "Internet".into(),
        channel: "ecommerce".into(),
    };
    (shop, point)
}

/// Lower-case words with hyphens: accents and signs fall away.
fn slug_from(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.to_lowercase().chars() {
        match plain(letter) {
            Some(letter) => slug.push(letter),
            None if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            None => {}
        }
    }
    slug.trim_end_matches('-').to_owned()
}

fn plain(letter: char) -> Option<char> {
    Some(match letter {
        'a'..='z' | '0'..='9' => letter,
        'à' | 'â' | 'ä' | 'á' | 'ã' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' | 'í' => 'i',
        'ñ' => 'n',
        'ô' | 'ö' | 'ó' | 'õ' => 'o',
        'ù' | 'û' | 'ü' | 'ú' => 'u',
        'ÿ' => 'y',
        _ => return None,
    })
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
fn print(made: &Made, form: Form) {
    if form == Form::Json {
        let shops: Vec<serde_json::Value> = made
            .shops
            .iter()
            .map(|(mode, shop, point)| {
                serde_json::json!({"mode": mode, "shop": shop, "point_of_sale": point})
            })
            .collect();
        let answer = serde_json::json!({
            "merchant": made.merchant, "shops": shops, "invitation": made.link,
        });
        println!("{answer}");
        return;
    }
    println!("merchant {}", made.merchant);
    for (mode, shop, _) in &made.shops {
        println!("{} shop {shop}", mode.as_str());
    }
    println!("The owner chooses a password here, once, within {VALID_DAYS} days:");
    println!("{}", made.link);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_made_from_names() {
        assert_eq!(slug_from("Hôtel des Tuffeaux"), "hotel-des-tuffeaux");
        assert_eq!(slug_from("L'Été — gîte & spa !"), "l-ete-gite-spa");
    }
}
