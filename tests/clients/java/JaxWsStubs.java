import com.sun.xml.ws.developer.SchemaValidationFeature;
import com.vindicia.soap.v22_0.account.AccountPortType;
import com.vindicia.soap.v22_0.autobill.AutoBillPortType;
import com.vindicia.soap.v22_0.billingplan.BillingPlanPortType;
import com.vindicia.soap.v22_0.product.ProductPortType;
import com.vindicia.soap.v22_0.transaction.TransactionPortType;
import com.vindicia.soap.v22_0.vindicia.Account;
import com.vindicia.soap.v22_0.vindicia.Address;
import com.vindicia.soap.v22_0.vindicia.Authentication;
import com.vindicia.soap.v22_0.vindicia.AutoBill;
import com.vindicia.soap.v22_0.vindicia.AutoBillItem;
import com.vindicia.soap.v22_0.vindicia.AutoBillStatus;
import com.vindicia.soap.v22_0.vindicia.BillingPeriodType;
import com.vindicia.soap.v22_0.vindicia.BillingPlan;
import com.vindicia.soap.v22_0.vindicia.BillingPlanPeriod;
import com.vindicia.soap.v22_0.vindicia.BillingPlanPrice;
import com.vindicia.soap.v22_0.vindicia.BillingPlanStatus;
import com.vindicia.soap.v22_0.vindicia.CaptureResult;
import com.vindicia.soap.v22_0.vindicia.CreditCard;
import com.vindicia.soap.v22_0.vindicia.DuplicateBehavior;
import com.vindicia.soap.v22_0.vindicia.EmailPreference;
import com.vindicia.soap.v22_0.vindicia.ImmediateAuthFailurePolicy;
import com.vindicia.soap.v22_0.vindicia.InvoiceStates;
import com.vindicia.soap.v22_0.vindicia.MerchantAcceptedPayment;
import com.vindicia.soap.v22_0.vindicia.NameValuePair;
import com.vindicia.soap.v22_0.vindicia.PaymentMethod;
import com.vindicia.soap.v22_0.vindicia.PaymentMethodType;
import com.vindicia.soap.v22_0.vindicia.PaymentOverageDisposition;
import com.vindicia.soap.v22_0.vindicia.Product;
import com.vindicia.soap.v22_0.vindicia.ProductDescription;
import com.vindicia.soap.v22_0.vindicia.ProductPrice;
import com.vindicia.soap.v22_0.vindicia.ProductStatus;
import com.vindicia.soap.v22_0.vindicia.Return;
import com.vindicia.soap.v22_0.vindicia.ScoreCode;
import com.vindicia.soap.v22_0.vindicia.Transaction;
import com.vindicia.soap.v22_0.vindicia.TransactionAttemptSummary;
import com.vindicia.soap.v22_0.vindicia.TransactionItem;
import com.vindicia.soap.v22_0.vindicia.TransactionStatus;
import java.io.StringReader;
import java.math.BigDecimal;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.namespace.QName;
import javax.xml.transform.Source;
import javax.xml.transform.stream.StreamSource;
import javax.xml.ws.Dispatch;
import javax.xml.ws.Holder;
import javax.xml.ws.Service;
import javax.xml.ws.soap.SOAPFaultException;

/**
 * JAX-WS with the classes that wsimport makes, which holds what it sends and what it gets against the schemas:
 * JaxWsStubs URL LOGIN PASSWORD.
 */
public final class JaxWsStubs {
    private static final String NAME = "Zoë Müßig-Łukasiewicz 李";
    private static final String VINDICIA = "http://soap.vindicia.com/v22_0/";

    private final Authentication auth;
    private final String url;
    private final ProductPortType products;
    private final BillingPlanPortType plans;
    private final AccountPortType accounts;
    private final AutoBillPortType autobills;
    private final TransactionPortType transactions;

    private JaxWsStubs(String url, String login, String password) throws Exception {
        this.url = url;
        auth = auth(login, password);
        SchemaValidationFeature strict = new SchemaValidationFeature();
        products = new com.vindicia.soap.v22_0.product.Product(wsdl("Product"), name("Product"))
                .getProductPort(strict);
        plans = new com.vindicia.soap.v22_0.billingplan.BillingPlan(wsdl("BillingPlan"), name("BillingPlan"))
                .getBillingPlanPort(strict);
        accounts = new com.vindicia.soap.v22_0.account.Account(wsdl("Account"), name("Account"))
                .getAccountPort(strict);
        autobills = new com.vindicia.soap.v22_0.autobill.AutoBill(wsdl("AutoBill"), name("AutoBill"))
                .getAutoBillPort(strict);
        transactions = new com.vindicia.soap.v22_0.transaction.Transaction(wsdl("Transaction"), name("Transaction"))
                .getTransactionPort(strict);
    }

    public static void main(String[] arguments) throws Exception {
        JaxWsStubs program = new JaxWsStubs(arguments[0], arguments[1], arguments[2]);
        Product product = program.product();
        BillingPlan plan = program.plan();
        Account account = program.account();
        AutoBill autobill = program.autobill(account, product, plan);
        program.payments(autobill, program.openInvoice(autobill));
        program.sale(account);
        program.lists();
        program.refusals(autobill);
        program.fault();
    }

    private static Authentication auth(String login, String password) {
        Authentication auth = new Authentication();
        auth.setVersion("22.0");
        auth.setLogin(login);
        auth.setPassword(password);
        return auth;
    }

    private URL wsdl(String service) throws Exception {
        return new URL(url + "/22.0/" + service + ".wsdl");
    }

    private static QName name(String service) {
        return new QName(VINDICIA + service, service);
    }

    private static void told(String call, Return result) {
        Told.that(call, result.getReturnCode() + " " + result.getReturnString());
    }

    private static NameValuePair pair(String name, String value) {
        NameValuePair pair = new NameValuePair();
        pair.setName(name);
        pair.setValue(value);
        return pair;
    }

    private static ProductDescription description(String language, String text) {
        ProductDescription description = new ProductDescription();
        description.setLanguage(language);
        description.setDescription(text);
        return description;
    }

    private Product product() throws Exception {
        Product given = new Product();
        given.setMerchantProductId("product");
        given.setStatus(ProductStatus.ACTIVE);
        given.getDescriptions().add(description("EN", "Magazine"));
        given.getDescriptions().add(description("RU", "Журнал & «Ёж» <1>"));
        ProductPrice price = new ProductPrice();
        price.setAmount(new BigDecimal("10.00"));
        price.setCurrency("USD");
        given.getPrices().add(price);
        given.setEndOfLifeTimestamp(
                DatatypeFactory.newInstance().newXMLGregorianCalendar("2036-02-29T07:08:09.123+09:00"));
        Holder<Product> product = new Holder<>(given);
        Holder<Boolean> created = new Holder<>();
        told("Product.update", products.update(auth, "", product, DuplicateBehavior.FAIL, created));
        Told.that("product.created", created.value);
        Told.that("product.status", product.value.getStatus() == ProductStatus.ACTIVE);
        Told.that("product.price", product.value.getPrices().get(0).getAmount());
        Told.that("product.description", product.value.getDescriptions().get(1).getDescription());
        Told.that("product.endOfLife", product.value.getEndOfLifeTimestamp().toGregorianCalendar());
        Told.that("product.nameValues", product.value.getNameValues().size());
        products.update(auth, "", product, DuplicateBehavior.SUCCEED_IGNORE, created);
        Told.that("product.again", created.value);
        return product.value;
    }

    private BillingPlan plan() {
        BillingPlanPrice price = new BillingPlanPrice();
        price.setAmount(new BigDecimal("2.5"));
        price.setCurrency("USD");
        BillingPlanPeriod month = new BillingPlanPeriod();
        month.setType(BillingPeriodType.MONTH);
        month.setQuantity(1);
        month.setCycles(0);
        month.setFree(false);
        month.getPrices().add(price);
        BillingPlan given = new BillingPlan();
        given.setMerchantBillingPlanId("plan");
        given.setDescription("Monthly");
        given.setStatus(BillingPlanStatus.ACTIVE);
        given.getPeriods().add(month);
        Holder<BillingPlan> plan = new Holder<>(given);
        Holder<Boolean> created = new Holder<>();
        told("BillingPlan.update", plans.update(auth, "", plan, created));
        Told.that("plan.created", created.value);
        BillingPlanPeriod period = plan.value.getPeriods().get(0);
        Told.that("plan.type", period.getType() == BillingPeriodType.MONTH);
        Told.that("plan.free", period.isFree());
        Told.that("plan.price", period.getPrices().get(0).getAmount());
        return plan.value;
    }

    private static PaymentMethod card(String number) {
        CreditCard card = new CreditCard();
        card.setAccount(number);
        card.setExpirationDate("203812");
        PaymentMethod method = new PaymentMethod();
        method.setType(PaymentMethodType.CREDIT_CARD);
        method.setCreditCard(card);
        method.setAccountHolderName(NAME);
        method.setActive(true);
        method.getNameValues().add(pair("CVN", "123"));
        return method;
    }

    private Account account() {
        Address address = new Address();
        address.setAddr1("Straße 1");
        address.setCity("Kraków");
        address.setCountry("PL");
        address.setLatitude(new BigDecimal("50.06143"));
        Account given = new Account();
        given.setMerchantAccountId("account");
        given.setName(NAME);
        given.setEmailAddress("zoe@example.org");
        given.setEmailTypePreference(EmailPreference.PLAINTEXT);
        given.setWarnBeforeAutobilling(false);
        given.setShippingAddress(address);
        given.getPaymentMethods().add(card("4111111111111111"));
        given.getNameValues().add(pair("größe", "ñandú"));
        Holder<Account> account = new Holder<>(given);
        Holder<Boolean> created = new Holder<>();
        told("Account.update", accounts.update(auth, "", account, created));
        Told.that("account.created", created.value);
        Holder<Account> found = new Holder<>();
        told("Account.fetchByMerchantAccountId", accounts.fetchByMerchantAccountId(auth, "", "account", found));
        Account read = found.value;
        Told.that("account.same", read.getVID().equals(account.value.getVID()));
        Told.that("account.name", read.getName());
        Told.that("account.company", read.getCompany());
        Told.that("account.email", read.getEmailTypePreference() == EmailPreference.PLAINTEXT);
        Told.that("account.warn", read.isWarnBeforeAutobilling());
        Told.that("account.city", read.getShippingAddress().getCity());
        Told.that("account.latitude", read.getShippingAddress().getLatitude());
        Told.that("account.nameValues", read.getNameValues().size() + " " + read.getNameValues().get(0).getName() + " "
                + read.getNameValues().get(0).getValue());
        Told.that("account.entitlements", read.getEntitlements().size());
        PaymentMethod method = read.getPaymentMethods().get(0);
        Told.that("account.method", method.getType() == PaymentMethodType.CREDIT_CARD);
        Told.that("account.active", method.isActive());
        Told.that("account.card", method.getCreditCard().getAccount());
        Told.that("account.cardLength", method.getCreditCard().getAccountLength());
        // Read, change, write back: the way of every program.
        read.setName(NAME + " II");
        read.setCompany("");
        told("Account.update again", accounts.update(auth, "", found, created));
        Told.that("account.again", created.value);
        Told.that("account.renamed", found.value.getName());
        Told.that("account.methods", found.value.getPaymentMethods().size());
        return found.value;
    }

    private AutoBill autobill(Account account, Product product, BillingPlan plan) {
        AutoBillItem item = new AutoBillItem();
        item.setIndex(0);
        item.setProduct(product);
        item.setQuantity(new BigDecimal("2"));
        AutoBill given = new AutoBill();
        given.setMerchantAutoBillId("bill");
        given.setAccount(account);
        given.setBillingPlan(plan);
        given.setPaymentMethod(account.getPaymentMethods().get(0));
        given.setCurrency("USD");
        given.getItems().add(item);
        given.getNameValues().add(pair("a", "1"));
        given.getNameValues().add(pair("b", "2"));
        Holder<AutoBill> autobill = new Holder<>(given);
        Holder<TransactionStatus> authStatus = new Holder<>();
        Holder<Integer> score = new Holder<>();
        Holder<List<ScoreCode>> scoreCodes = new Holder<>();
        Holder<Transaction> initial = new Holder<>();
        told("AutoBill.update", autobills.update(auth, "", autobill, ImmediateAuthFailurePolicy.DO_NOT_SAVE_AUTO_BILL,
                true, 100, false, null, null, false, null, null, authStatus, score, scoreCodes, initial));
        Told.that("autobill.status", autobill.value.getStatus() == AutoBillStatus.ACTIVE);
        Told.that("autobill.billingState", autobill.value.getBillingState().value());
        Told.that("autobill.item", autobill.value.getItems().get(0).getQuantity());
        Told.that("autobill.amount", autobill.value.getItems().get(0).getAmount());
        Told.that("autobill.nameValues", autobill.value.getNameValues().size());
        long started = autobill.value.getStartTimestamp().toGregorianCalendar().getTimeInMillis();
        Told.that("autobill.startedNow", Math.abs(System.currentTimeMillis() - started) < 26 * 3600 * 1000);
        Transaction next = autobill.value.getNextBilling();
        Told.that("autobill.nextBilling", next.getAmount());
        Told.that("autobill.nextLater", next.getTimestamp().toGregorianCalendar().getTimeInMillis() > started);
        Told.that("autobill.authStatus", authStatus.value.getStatus().value());
        Told.that("autobill.score", score.value);
        Told.that("autobill.scoreCodes", Told.size(scoreCodes.value));
        Told.that("autobill.initial", initial.value.getAmount());
        Told.that("autobill.account", autobill.value.getAccount().getName());
        return autobill.value;
    }

    private String openInvoice(AutoBill autobill) {
        Holder<List<String>> numbers = new Holder<>();
        told("AutoBill.fetchInvoiceNumbers", autobills.fetchInvoiceNumbers(auth, "", autobill, null, numbers));
        Told.that("invoices", numbers.value.size());
        autobills.fetchInvoiceNumbers(auth, "", autobill, InvoiceStates.OVERDUE, numbers);
        Told.that("invoices.overdue", Told.size(numbers.value));
        autobills.fetchInvoiceNumbers(auth, "", autobill, InvoiceStates.OPEN, numbers);
        Holder<byte[]> invoice = new Holder<>();
        told("AutoBill.fetchInvoice", autobills.fetchInvoice(auth, "", autobill, numbers.value.get(0), true, null, null,
                null, invoice));
        Told.that("invoice.pdf", new String(invoice.value, 0, 5, StandardCharsets.US_ASCII));
        return numbers.value.get(0);
    }

    private void payments(AutoBill autobill, String invoice) throws Exception {
        AutoBill reference = new AutoBill();
        reference.setVID(autobill.getVID());
        MerchantAcceptedPayment cheque = new MerchantAcceptedPayment();
        cheque.setPaymentType("Check");
        cheque.setPaymentId("cheque");
        cheque.setTimestamp(DatatypeFactory.newInstance().newXMLGregorianCalendar("2026-01-02T03:04:05Z"));
        PaymentMethod byCheque = new PaymentMethod();
        byCheque.setType(PaymentMethodType.MERCHANT_ACCEPTED_PAYMENT);
        byCheque.setMerchantAcceptedPayment(cheque);
        pay("cheque", reference, byCheque, "7.35", invoice);
        pay("card", reference, card("5454541111111111"), "12.5", invoice);
        pay("refused", reference, card("4555555555555550"), "12.5", invoice);
    }

    private void pay(String how, AutoBill autobill, PaymentMethod method, String amount, String invoice) {
        Holder<Transaction> transaction = new Holder<>();
        Holder<TransactionAttemptSummary> summary = new Holder<>();
        told("AutoBill.makePayment " + how, autobills.makePayment(auth, "", autobill, method, new BigDecimal(amount),
                "USD", invoice, PaymentOverageDisposition.APPLYTO_CREDIT, false, "Łódź", transaction, summary));
        Told.that(how + ".summary", summary.value.value());
        Told.that(how + ".amount", transaction.value.getAmount());
        Told.that(how + ".type", transaction.value.getSourcePaymentMethod().getType().value());
        Told.that(how + ".status", transaction.value.getStatusLog().get(0).getStatus().value());
        Told.that(how + ".note", transaction.value.getNote());
    }

    private void sale(Account account) {
        TransactionItem item = new TransactionItem();
        item.setSku("copy");
        item.setName("Hörbuch");
        item.setPrice(new BigDecimal("3.333"));
        item.setQuantity(new BigDecimal("3"));
        Transaction given = new Transaction();
        given.setMerchantTransactionId("sale");
        given.setAccount(account);
        given.setCurrency("USD");
        given.setSourcePaymentMethod(account.getPaymentMethods().get(0));
        given.getTransactionItems().add(item);
        Holder<Transaction> sale = new Holder<>(given);
        Holder<Integer> score = new Holder<>();
        told("Transaction.auth",
                transactions.auth(auth, "", sale, 100, false, null, false, score, new Holder<List<ScoreCode>>()));
        Told.that("sale.amount", sale.value.getAmount());
        Told.that("sale.score", score.value);
        Transaction gone = new Transaction();
        gone.setMerchantTransactionId("gone");
        Holder<Integer> captured = new Holder<>();
        Holder<Integer> failed = new Holder<>();
        Holder<List<CaptureResult>> results = new Holder<>();
        told("Transaction.capture", transactions.capture(auth, "", Arrays.asList(sale.value, gone), captured, failed,
                results));
        Told.that("captured", captured.value + " " + failed.value);
        for (CaptureResult each : results.value) {
            Told.that("capture." + each.getMerchantTransactionId(), each.getReturnCode());
        }
    }

    private void lists() {
        Account reference = new Account();
        reference.setMerchantAccountId("account");
        Holder<List<AutoBill>> found = new Holder<>();
        told("AutoBill.fetchByAccount", autobills.fetchByAccount(auth, "", reference, false, 0, 10, found));
        Told.that("autobills", found.value.size() + " " + found.value.get(0).getMerchantAutoBillId());
        Holder<List<Transaction>> all = new Holder<>();
        told("Transaction.fetchByAccount",
                transactions.fetchByAccount(auth, "", reference, null, null, null, all));
        for (int i = 0; i < all.value.size(); i++) {
            Transaction one = all.value.get(i);
            Told.that("transaction." + i, one.getAmount() + " " + one.getCurrency() + " "
                    + one.getStatusLog().get(0).getStatus().value() + " " + one.getTransactionItems().size());
        }
        TransactionItem item = all.value.get(0).getTransactionItems().get(1);
        Told.that("item", item.getItemType().value() + " " + item.getQuantity() + " x " + item.getPrice() + " = "
                + item.getTotal());
        Told.that("item.name", item.getName());
        told("beyond", transactions.fetchByAccount(auth, "", reference, null, 7, 10, all));
        Told.that("transactions.beyond", Told.size(all.value));
    }

    private void refusals(AutoBill autobill) {
        Account unknown = new Account();
        unknown.setMerchantAccountId("never");
        Holder<Account> account = new Holder<>(unknown);
        Holder<Boolean> created = new Holder<>();
        told("refused.password", accounts.update(auth(auth.getLogin(), "wrong"), "", account, created));
        Told.that("refused.created", created.value);
        Told.that("refused.account", account.value);
        told("refused.unknown", accounts.fetchByMerchantAccountId(auth, "", "never", account));
        Holder<List<Transaction>> none = new Holder<>();
        told("refused.transactions", transactions.fetchByAccount(auth, "", unknown, null, null, null, none));
        Told.that("refused.none", Told.size(none.value));
        told("refused.invoice", autobills.writeOffInvoice(auth, "", autobill, "nothing"));
    }

    private void fault() throws Exception {
        Dispatch<Source> dispatch = Service.create(wsdl("Account"), name("Account"))
                .createDispatch(new QName(VINDICIA + "Account", "AccountPort"), Source.class, Service.Mode.PAYLOAD);
        try {
            dispatch.invoke(new StreamSource(new StringReader("<fetchByMoon xmlns='" + VINDICIA + "Account'/>")));
            Told.that("fault", "none");
        } catch (SOAPFaultException fault) {
            Told.that("fault", fault.getFault().getFaultCodeAsQName().getLocalPart() + " "
                    + fault.getFault().getFaultString());
        }
    }
}
