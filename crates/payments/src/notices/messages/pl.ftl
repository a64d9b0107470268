# Wiadomości do płacących.
notices-receipt-subject = Potwierdzenie płatności { $amount } – { $merchant }
notices-checking-subject = Sprawdzamy Państwa płatność
notices-accepted-subject = Płatność przyjęta: { $amount }
notices-refused-subject = Płatność odrzucona: { $amount }
notices-cancelled-subject = Płatność anulowana: { $amount }
notices-refund-subject = Zwrot { $amount }

notices-hello = Dzień dobry, { $name },
notices-hello-unnamed = Dzień dobry,
notices-amount = Kwota: { $amount }
notices-reference = Numer: { $reference }
notices-date = Data: { $when }
notices-refund-text = { $merchant } zwraca Państwu { $amount }.

notices-receipt-follows = Link w tej wiadomości otwiera potwierdzenie; można je czytać i drukować przez 15 miesięcy.
notices-checking-follows = Napiszemy, gdy tylko bank odpowie. Link w tej wiadomości pokazuje stan płatności.
notices-accepted-follows = Link w tej wiadomości otwiera potwierdzenie.
notices-refused-follows = Aby spróbować ponownie, proszę otworzyć link z tej wiadomości.
notices-contact = Pytania? Proszę dzwonić: { $phone } lub pisać: { $email }.
notices-contact-email = Pytania? Proszę pisać: { $email }.
notices-test = TEST: ta płatność jest próbą, nie przekazano żadnych pieniędzy.
