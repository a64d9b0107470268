//! Commands and their arguments.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use kernel::{MerchantId, Mode};

use crate::command::{could_not_run, mode};
use crate::config::Config;
use crate::demo::DemoArgs;
use crate::new_merchant::{self, MerchantArgs};
use crate::vault_command::{self, VaultCommand};
use crate::{admin, bin_table, checkup, demo, doctor, init, migrate, reference, serve, supervise};

/// Card vault, payment service and booking counter in one binary.
#[derive(Debug, Parser)]
#[command(name = "guichet", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows the whole product: app, vault, simulated bank and sample data
    Demo(DemoArgs),
    /// Makes the folder of a new installation: configuration and keys
    Init(init::InitArgs),
    /// Runs the app and the vault of an installation, and the simulated bank of its test shops
    Serve(ConfigArg),
    /// Brings the tables of the app up to date, and those of the vault on a server
    Migrate {
        /// The configuration file
        #[arg(long)]
        config: PathBuf,
        /// Only says what is missing; exit 1 when something is
        #[arg(long)]
        plan: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Checks and repairs of the operator
    Admin {
        #[command(subcommand)]
        what: Admin,
    },
    /// Prints the description of the API (OpenAPI 3.1)
    Openapi {
        /// That of the vault's origin
        #[arg(long)]
        vault: bool,
    },
    /// Walks through an installation and says what is wrong; exit 0 clean, 1 wrong, 2 could not run
    #[command(args_conflicts_with_subcommands = true)]
    Doctor {
        #[command(subcommand)]
        what: Option<Doctor>,
        /// The configuration file
        #[arg(long)]
        config: Option<PathBuf>,
        #[command(flatten)]
        output: Output,
    },
    /// The app alone, started by `demo` and `serve`
    #[command(hide = true)]
    App(ConfigArg),
    /// The card vault: the commands of its operator. Without one it runs the vault alone, which
    /// `demo` and `serve` do
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Vault {
        #[command(subcommand)]
        what: Option<VaultCommand>,
        #[command(flatten)]
        run: Option<ConfigArg>,
    },
    /// The simulated bank alone, started by `demo` and `serve`
    #[command(hide = true)]
    Bank(ConfigArg),
}

#[derive(Debug, Args)]
struct ConfigArg {
    /// The configuration file
    #[arg(long)]
    config: PathBuf,
    /// Ends when standard input closes, which a supervisor holds open
    #[arg(long, hide = true)]
    supervised: bool,
}

#[derive(Debug, Subcommand)]
enum Admin {
    /// Merchants and their owners
    Merchant {
        #[command(subcommand)]
        what: MerchantCommand,
    },
    /// The table of issuer ranges
    Bin {
        #[command(subcommand)]
        what: BinCommand,
    },
    /// The ledger
    Ledger {
        #[command(subcommand)]
        what: LedgerCommand,
    },
}

#[derive(Debug, Subcommand)]
enum BinCommand {
    /// Takes a table in place of the present one, in the running vault; exit 0 in use, 1 it has
    /// faults and nothing changed, 2 could not run
    Import {
        /// UTF-8, semicolons, the header bin_start;bin_end;brand;co_brand;funding;product;issuer;
        /// country;currency;virtual;commercial;lengths;valid_from
        file: PathBuf,
        /// The configuration file
        #[arg(long)]
        config: PathBuf,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
enum MerchantCommand {
    /// Creates a merchant with its shops and its owner; prints a link, which works once, where
    /// the owner chooses a password and connects an authenticator; exit 0 done, 2 nothing done
    Create(Box<MerchantArgs>),
}

#[derive(Debug, Subcommand)]
enum Doctor {
    /// Places taken and held, against the holds and bookings that have them
    Stock {
        /// The configuration file
        #[arg(long)]
        config: PathBuf,
        /// Sets wrong counters to what the holds and bookings say, and notes it in the journal
        #[arg(long)]
        fix: bool,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// Checks every book; exit 0 clean, 1 discrepancy, 2 could not run
    Verify {
        /// The configuration file
        #[arg(long)]
        config: PathBuf,
        /// The books of one merchant
        #[arg(long, value_name = "ID")]
        merchant: Option<MerchantId>,
        /// The live books or the test books
        #[arg(long, value_name = "live|test", value_parser = mode)]
        mode: Option<Mode>,
        /// Number of the first transaction of each book that is looked at; those before it only
        /// enter the hashes and the sums
        #[arg(long, value_name = "SEQ", default_value_t = 1,
            value_parser = clap::value_parser!(u64).range(1..))]
        from: u64,
        #[command(flatten)]
        output: Output,
    },
}

/// How a command answers.
#[derive(Debug, Args)]
struct Output {
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Output {
    const fn form(&self) -> admin::Form {
        if self.json { admin::Form::Json } else { admin::Form::Text }
    }
}

/// Reads the command line and runs the command.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| wrong_usage(&error));
    start_logs();
    match cli.command {
        Command::Demo(args) => report(demo::run(&args)),
        Command::Serve(arg) => report(supervise::serve(&arg.config)),
        Command::App(arg) => report(part(&arg, serve::run)),
        Command::Vault { what: Some(command), .. } => vault_command::run(&command),
        Command::Vault { what: None, run: Some(arg) } => report(vault_part(&arg)),
        Command::Vault { what: None, run: None } => {
            tracing::error!("a command or --config FILE is missing: see guichet vault --help");
            ExitCode::from(vault_command::USAGE)
        }
        Command::Bank(arg) => report(part(&arg, |config| {
            let bank = config.bank.clone().ok_or("no bank in the configuration")?;
            if !bank.listen.ip().is_loopback() {
                return Err(format!("bank.listen: {} is not a loopback address", bank.listen));
            }
            sandbox::run(bank).map_err(|error| error.to_string())
        })),
        Command::Admin { what: Admin::Merchant { what: MerchantCommand::Create(args) } } => {
            new_merchant::create(&args)
        }
        Command::Admin {
            what: Admin::Bin { what: BinCommand::Import { file, config, output } },
        } => bin_table::import(&config, &file, output.form()),
        Command::Admin {
            what:
                Admin::Ledger { what: LedgerCommand::Verify { config, merchant, mode, from, output } },
        } => {
            let wanted = admin::Wanted { merchant, mode, from };
            admin::verify_ledger(&config, wanted, output.form())
        }
        Command::Openapi { vault } => {
            admin::print_description(if vault { reference::vault() } else { reference::app() })
        }
        Command::Doctor { what: Some(Doctor::Stock { config, fix, output }), .. } => {
            let wrong = if fix { doctor::Wrong::Repair } else { doctor::Wrong::Tell };
            doctor::check_stock(&config, wrong, output.form())
        }
        Command::Doctor { what: None, config: Some(config), output } => {
            checkup::run(&config, output.form())
        }
        Command::Doctor { what: None, config: None, .. } => {
            could_not_run("--config FILE is missing")
        }
        Command::Init(args) => report(init::run(&args)),
        Command::Migrate { config, plan, output } => {
            let does = if plan { migrate::Does::Plan } else { migrate::Does::Apply };
            migrate::run(&config, does, output.form())
        }
    }
}

/// Says what is wrong with the command line; commands of the vault have a code of their own for
/// that, since 2 has another meaning there.
fn wrong_usage(error: &clap::Error) -> ! {
    let of_vault = std::env::args_os().nth(1).is_some_and(|command| command == "vault");
    let _ = error.print();
    let code = if error.use_stderr() && of_vault {
        i32::from(vault_command::USAGE)
    } else {
        error.exit_code()
    };
    std::process::exit(code)
}

fn part(arg: &ConfigArg, run: impl FnOnce(&Config) -> Result<(), String>) -> Result<(), String> {
    let config = Config::read(Path::new(&arg.config))?;
    if arg.supervised {
        supervise::end_with_parent();
    }
    run(&config)
}

/// The vault starts the thread that watches its supervisor only inside its sandbox.
fn vault_part(arg: &ConfigArg) -> Result<(), String> {
    let config = Config::read(&arg.config)?.for_vault();
    let supervised = arg.supervised;
    vault::run_and(config, move || {
        if supervised {
            supervise::end_with_parent();
        }
    })
    .map_err(|error| error.to_string())
}

fn report(outcome: Result<(), String>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Logs go to standard error; `GUICHET_LOG` sets what is told (`info`, `payments=trace`). A
/// terminal gets lines for people, everything else one JSON object a line; `GUICHET_LOG_FORMAT`
/// (`text` or `json`) says otherwise.
fn start_logs() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("GUICHET_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let is_json = match std::env::var("GUICHET_LOG_FORMAT").as_deref() {
        Ok("json") => true,
        Ok("text") => false,
        _ => !std::io::stderr().is_terminal(),
    };
    if is_json {
        logs.json().flatten_event(true).with_current_span(false).init();
    } else {
        logs.init();
    }
}
