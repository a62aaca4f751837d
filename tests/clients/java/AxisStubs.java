import com.vindicia.soap.v22_0.Account.AccountBindingStub;
import com.vindicia.soap.v22_0.Account.AccountLocator;
import com.vindicia.soap.v22_0.AutoBill.AutoBillBindingStub;
import com.vindicia.soap.v22_0.AutoBill.AutoBillLocator;
import com.vindicia.soap.v22_0.BillingPlan.BillingPlanLocator;
import com.vindicia.soap.v22_0.BillingPlan.BillingPlanPortType;
import com.vindicia.soap.v22_0.Product.ProductLocator;
import com.vindicia.soap.v22_0.Product.ProductPortType;
import com.vindicia.soap.v22_0.Transaction.TransactionLocator;
import com.vindicia.soap.v22_0.Transaction.TransactionPortType;
import com.vindicia.soap.v22_0.Vindicia.Account;
import com.vindicia.soap.v22_0.Vindicia.Address;
import com.vindicia.soap.v22_0.Vindicia.Authentication;
import com.vindicia.soap.v22_0.Vindicia.AutoBill;
import com.vindicia.soap.v22_0.Vindicia.AutoBillItem;
import com.vindicia.soap.v22_0.Vindicia.AutoBillStatus;
import com.vindicia.soap.v22_0.Vindicia.BillingPeriodType;
import com.vindicia.soap.v22_0.Vindicia.BillingPlan;
import com.vindicia.soap.v22_0.Vindicia.BillingPlanPeriod;
import com.vindicia.soap.v22_0.Vindicia.BillingPlanPrice;
import com.vindicia.soap.v22_0.Vindicia.BillingPlanStatus;
import com.vindicia.soap.v22_0.Vindicia.CaptureResult;
import com.vindicia.soap.v22_0.Vindicia.CreditCard;
import com.vindicia.soap.v22_0.Vindicia.DuplicateBehavior;
import com.vindicia.soap.v22_0.Vindicia.EmailPreference;
import com.vindicia.soap.v22_0.Vindicia.ImmediateAuthFailurePolicy;
import com.vindicia.soap.v22_0.Vindicia.InvoiceStates;
import com.vindicia.soap.v22_0.Vindicia.MerchantAcceptedPayment;
import com.vindicia.soap.v22_0.Vindicia.NameValuePair;
import com.vindicia.soap.v22_0.Vindicia.PaymentMethod;
import com.vindicia.soap.v22_0.Vindicia.PaymentMethodType;
import com.vindicia.soap.v22_0.Vindicia.PaymentOverageDisposition;
import com.vindicia.soap.v22_0.Vindicia.Product;
import com.vindicia.soap.v22_0.Vindicia.ProductDescription;
import com.vindicia.soap.v22_0.Vindicia.ProductPrice;
import com.vindicia.soap.v22_0.Vindicia.ProductStatus;
import com.vindicia.soap.v22_0.Vindicia.Transaction;
import com.vindicia.soap.v22_0.Vindicia.TransactionItem;
import com.vindicia.soap.v22_0.Vindicia._return;
import com.vindicia.soap.v22_0.Vindicia.holders.AccountHolder;
import com.vindicia.soap.v22_0.Vindicia.holders.AutoBillArrayHolder;
import com.vindicia.soap.v22_0.Vindicia.holders.AutoBillHolder;
import com.vindicia.soap.v22_0.Vindicia.holders.BillingPlanHolder;
import com.vindicia.soap.v22_0.Vindicia.holders.CaptureResultArrayHolder;
import com.vindicia.soap.v22_0.Vindicia.holders.ProductHolder;
import com.vindicia.soap.v22_0.Vindicia.holders.ScoreCodeArrayHolder;
import com.vindicia.soap.v22_0.Vindicia.holders.TransactionArrayHolder;
import com.vindicia.soap.v22_0.Vindicia.holders.TransactionAttemptSummaryHolder;
import com.vindicia.soap.v22_0.Vindicia.holders.TransactionHolder;
import com.vindicia.soap.v22_0.Vindicia.holders.TransactionStatusHolder;
import com.vindicia.soap.v22_0.Vindicia.holders._returnHolder;
import holders.StringArrayHolder;
import java.math.BigDecimal;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.TimeZone;
import javax.xml.rpc.holders.BooleanHolder;
import javax.xml.rpc.holders.ByteArrayHolder;
import javax.xml.rpc.holders.IntHolder;
import javax.xml.rpc.holders.IntegerWrapperHolder;
import org.apache.axis.AxisFault;
import org.apache.axis.client.Call;

/** Apache Axis 1.4 with the classes that WSDL2Java makes: AxisStubs URL LOGIN PASSWORD. */
public final class AxisStubs {
    private static final String NAME = "Zoë Müßig-Łukasiewicz 李";

    private final URL endpoint;
    private final Authentication auth;
    private final ProductPortType products;
    private final BillingPlanPortType plans;
    private final AccountBindingStub accounts;
    private final AutoBillBindingStub autobills;
    private final TransactionPortType transactions;
    private final _returnHolder result = new _returnHolder();

    private AxisStubs(URL endpoint, String login, String password) throws Exception {
        this.endpoint = endpoint;
        auth = new Authentication("22.0", login, password, null, "AxisStubs");
        products = new ProductLocator().getProductPort(endpoint);
        plans = new BillingPlanLocator().getBillingPlanPort(endpoint);
        accounts = (AccountBindingStub) new AccountLocator().getAccountPort(endpoint);
        autobills = (AutoBillBindingStub) new AutoBillLocator().getAutoBillPort(endpoint);
        transactions = new TransactionLocator().getTransactionPort(endpoint);
    }

    public static void main(String[] arguments) throws Exception {
        AxisStubs program = new AxisStubs(new URL(arguments[0] + "/soap.pl"), arguments[1], arguments[2]);
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

    private void told(String call) {
        Told.that(call, result.value.getReturnCode() + " " + result.value.getReturnString());
    }

    private Product product() throws Exception {
        Product given = new Product();
        given.setMerchantProductId("product");
        given.setStatus(ProductStatus.Active);
        given.setDescriptions(new ProductDescription[] {
            new ProductDescription("EN", "Magazine"), new ProductDescription("RU", "Журнал & «Ёж» <1>")
        });
        BigDecimal ten = new BigDecimal("10.00").stripTrailingZeros(); // which Axis sends as 1E+1
        given.setPrices(new ProductPrice[] {new ProductPrice(ten, "USD", null)});
        given.setNameValues(new NameValuePair[0]);
        Calendar endOfLife = new GregorianCalendar(TimeZone.getTimeZone("Asia/Tokyo"));
        endOfLife.clear();
        endOfLife.set(2036, Calendar.FEBRUARY, 29, 7, 8, 9);
        given.setEndOfLifeTimestamp(endOfLife);
        ProductHolder product = new ProductHolder(given);
        BooleanHolder created = new BooleanHolder();
        products.update(auth, null, product, DuplicateBehavior.Fail, result, created);
        told("Product.update");
        Told.that("product.created", created.value);
        Told.that("product.status", product.value.getStatus() == ProductStatus.Active);
        Told.that("product.price", product.value.getPrices(0).getAmount());
        Told.that("product.description", product.value.getDescriptions(1).getDescription());
        Told.that("product.endOfLife", product.value.getEndOfLifeTimestamp());
        Told.that("product.nameValues", Told.size(product.value.getNameValues()));
        products.update(auth, "", product, DuplicateBehavior.SucceedIgnore, result, created);
        Told.that("product.again", created.value);
        return product.value;
    }

    private BillingPlan plan() throws Exception {
        BillingPlanPrice price = new BillingPlanPrice();
        price.setAmount(new BigDecimal("2.5"));
        price.setCurrency("USD");
        BillingPlanPeriod month = new BillingPlanPeriod();
        month.setType(BillingPeriodType.Month);
        month.setQuantity(1);
        month.setCycles(0);
        month.setFree(false);
        month.setPrices(new BillingPlanPrice[] {price});
        BillingPlan given = new BillingPlan();
        given.setMerchantBillingPlanId("plan");
        given.setDescription("Monthly");
        given.setStatus(BillingPlanStatus.Active);
        given.setPeriods(new BillingPlanPeriod[] {month});
        BillingPlanHolder plan = new BillingPlanHolder(given);
        BooleanHolder created = new BooleanHolder();
        plans.update(auth, null, plan, result, created);
        told("BillingPlan.update");
        Told.that("plan.created", created.value);
        BillingPlanPeriod period = plan.value.getPeriods(0);
        Told.that("plan.type", period.getType() == BillingPeriodType.Month);
        Told.that("plan.free", period.getFree());
        Told.that("plan.price", period.getPrices(0).getAmount());
        return plan.value;
    }

    private static PaymentMethod card(String number) {
        CreditCard card = new CreditCard();
        card.setAccount(number);
        card.setExpirationDate("203812");
        PaymentMethod method = new PaymentMethod();
        method.setType(PaymentMethodType.CreditCard);
        method.setCreditCard(card);
        method.setAccountHolderName(NAME);
        method.setActive(true);
        method.setNameValues(new NameValuePair[] {new NameValuePair("CVN", "123")});
        return method;
    }

    private Account account() throws Exception {
        Address address = new Address();
        address.setAddr1("Straße 1");
        address.setCity("Kraków");
        address.setCountry("PL");
        address.setLatitude(new BigDecimal("50.06143"));
        Account given = new Account();
        given.setMerchantAccountId("account");
        given.setName(NAME);
        given.setEmailAddress("zoe@example.org");
        given.setEmailTypePreference(EmailPreference.plaintext);
        given.setWarnBeforeAutobilling(false);
        given.setShippingAddress(address);
        given.setPaymentMethods(new PaymentMethod[] {card("4111111111111111")});
        given.setNameValues(new NameValuePair[] {new NameValuePair("größe", "ñandú")});
        AccountHolder account = new AccountHolder(given);
        BooleanHolder created = new BooleanHolder();
        accounts.update(auth, null, account, result, created);
        told("Account.update");
        Told.that("account.created", created.value);
        AccountHolder found = new AccountHolder();
        accounts.fetchByMerchantAccountId(auth, null, "account", result, found);
        told("Account.fetchByMerchantAccountId");
        Account read = found.value;
        Told.that("account.same", read.getVID().equals(account.value.getVID()));
        Told.that("account.name", read.getName());
        Told.that("account.company", read.getCompany());
        Told.that("account.email", read.getEmailTypePreference() == EmailPreference.plaintext);
        Told.that("account.warn", read.getWarnBeforeAutobilling());
        Told.that("account.city", read.getShippingAddress().getCity());
        Told.that("account.latitude", read.getShippingAddress().getLatitude());
        Told.that("account.nameValues", read.getNameValues().length + " " + read.getNameValues(0).getName() + " "
                + read.getNameValues(0).getValue());
        Told.that("account.entitlements", Told.size(read.getEntitlements()));
        PaymentMethod method = read.getPaymentMethods(0);
        Told.that("account.method", method.getType() == PaymentMethodType.CreditCard);
        Told.that("account.active", method.getActive());
        Told.that("account.card", method.getCreditCard().getAccount());
        Told.that("account.cardLength", method.getCreditCard().getAccountLength());
        // Read, change, write back: the way of every program.
        read.setName(NAME + " II");
        read.setCompany("");
        accounts.update(auth, null, found, result, created);
        told("Account.update again");
        Told.that("account.again", created.value);
        Told.that("account.renamed", found.value.getName());
        Told.that("account.methods", found.value.getPaymentMethods().length);
        return found.value;
    }

    private AutoBill autobill(Account account, Product product, BillingPlan plan) throws Exception {
        AutoBillItem item = new AutoBillItem();
        item.setIndex(0);
        item.setProduct(product);
        item.setQuantity(new BigDecimal("2"));
        AutoBill given = new AutoBill();
        given.setMerchantAutoBillId("bill");
        given.setAccount(account);
        given.setBillingPlan(plan);
        given.setPaymentMethod(account.getPaymentMethods(0));
        given.setCurrency("USD");
        given.setItems(new AutoBillItem[] {item});
        given.setNameValues(new NameValuePair[] {new NameValuePair("a", "1"), new NameValuePair("b", "2")});
        AutoBillHolder autobill = new AutoBillHolder(given);
        TransactionStatusHolder authStatus = new TransactionStatusHolder();
        IntegerWrapperHolder score = new IntegerWrapperHolder();
        ScoreCodeArrayHolder scoreCodes = new ScoreCodeArrayHolder();
        TransactionHolder initial = new TransactionHolder();
        autobills.update(auth, null, autobill, ImmediateAuthFailurePolicy.doNotSaveAutoBill, true, 100, false, null,
                null, false, null, null, result, authStatus, score, scoreCodes, initial);
        told("AutoBill.update");
        Told.that("autobill.status", autobill.value.getStatus() == AutoBillStatus.fromValue("Active"));
        Told.that("autobill.billingState", autobill.value.getBillingState());
        Told.that("autobill.item", autobill.value.getItems(0).getQuantity());
        Told.that("autobill.amount", autobill.value.getItems(0).getAmount());
        Told.that("autobill.nameValues", autobill.value.getNameValues().length);
        long started = autobill.value.getStartTimestamp().getTimeInMillis();
        Told.that("autobill.startedNow", Math.abs(System.currentTimeMillis() - started) < 26 * 3600 * 1000);
        Told.that("autobill.nextBilling", autobill.value.getNextBilling().getAmount());
        Told.that("autobill.nextLater", autobill.value.getNextBilling().getTimestamp().getTimeInMillis() > started);
        Told.that("autobill.authStatus", authStatus.value.getStatus());
        Told.that("autobill.score", score.value);
        Told.that("autobill.scoreCodes", Told.size(scoreCodes.value));
        Told.that("autobill.initial", initial.value.getAmount());
        Told.that("autobill.account", autobill.value.getAccount().getName());
        return autobill.value;
    }

    private String openInvoice(AutoBill autobill) throws Exception {
        StringArrayHolder numbers = new StringArrayHolder();
        autobills.fetchInvoiceNumbers(auth, null, autobill, null, result, numbers);
        told("AutoBill.fetchInvoiceNumbers");
        Told.that("invoices", numbers.value.length);
        // WSDL2Java counts the constants of a list with a blank in a value: value4 is Overdue, value1 Open.
        autobills.fetchInvoiceNumbers(auth, null, autobill, InvoiceStates.value4, result, numbers);
        Told.that("invoices.overdue", Told.size(numbers.value));
        autobills.fetchInvoiceNumbers(auth, null, autobill, InvoiceStates.value1, result, numbers);
        ByteArrayHolder invoice = new ByteArrayHolder();
        autobills.fetchInvoice(auth, null, autobill, numbers.value[0], true, null, null, null, result, invoice);
        told("AutoBill.fetchInvoice");
        Told.that("invoice.pdf", new String(invoice.value, 0, 5, StandardCharsets.US_ASCII));
        return numbers.value[0];
    }

    private void payments(AutoBill autobill, String invoice) throws Exception {
        AutoBill reference = new AutoBill();
        reference.setVID(autobill.getVID());
        Calendar yesterday = Calendar.getInstance();
        yesterday.add(Calendar.DATE, -1);
        MerchantAcceptedPayment cheque = new MerchantAcceptedPayment();
        cheque.setPaymentType("Check");
        cheque.setPaymentId("cheque");
        cheque.setTimestamp(yesterday);
        PaymentMethod byCheque = new PaymentMethod();
        byCheque.setType(PaymentMethodType.MerchantAcceptedPayment);
        byCheque.setMerchantAcceptedPayment(cheque);
        pay("cheque", reference, byCheque, "7.35", invoice);
        pay("card", reference, card("5454541111111111"), "12.5", invoice);
        pay("refused", reference, card("4555555555555550"), "12.5", invoice);
    }

    private void pay(String how, AutoBill autobill, PaymentMethod method, String amount, String invoice)
            throws Exception {
        TransactionHolder transaction = new TransactionHolder();
        TransactionAttemptSummaryHolder summary = new TransactionAttemptSummaryHolder();
        autobills.makePayment(auth, null, autobill, method, new BigDecimal(amount), "USD", invoice,
                PaymentOverageDisposition.applytoCredit, false, "Łódź", result, transaction, summary);
        told("AutoBill.makePayment " + how);
        Told.that(how + ".summary", summary.value);
        Told.that(how + ".amount", transaction.value.getAmount());
        Told.that(how + ".type", transaction.value.getSourcePaymentMethod().getType());
        Told.that(how + ".status", transaction.value.getStatusLog(0).getStatus());
        Told.that(how + ".note", transaction.value.getNote());
    }

    private void sale(Account account) throws Exception {
        TransactionItem item = new TransactionItem();
        item.setSku("copy");
        item.setName("Hörbuch");
        item.setPrice(new BigDecimal("3.333"));
        item.setQuantity(new BigDecimal("3"));
        Transaction given = new Transaction();
        given.setMerchantTransactionId("sale");
        given.setAccount(account);
        given.setCurrency("USD");
        given.setSourcePaymentMethod(account.getPaymentMethods(0));
        given.setTransactionItems(new TransactionItem[] {item});
        TransactionHolder sale = new TransactionHolder(given);
        IntegerWrapperHolder score = new IntegerWrapperHolder();
        transactions.auth(auth, null, sale, 100, false, null, false, result, score, new ScoreCodeArrayHolder());
        told("Transaction.auth");
        Told.that("sale.amount", sale.value.getAmount());
        Told.that("sale.score", score.value);
        Transaction gone = new Transaction();
        gone.setMerchantTransactionId("gone");
        IntHolder captured = new IntHolder();
        IntHolder failed = new IntHolder();
        CaptureResultArrayHolder results = new CaptureResultArrayHolder();
        transactions.capture(auth, null, new Transaction[] {sale.value, gone}, result, captured, failed, results);
        told("Transaction.capture");
        Told.that("captured", captured.value + " " + failed.value);
        for (CaptureResult each : results.value) {
            Told.that("capture." + each.getMerchantTransactionId(), each.getReturnCode());
        }
    }

    private void lists() throws Exception {
        Account reference = new Account();
        reference.setMerchantAccountId("account");
        AutoBillArrayHolder found = new AutoBillArrayHolder();
        autobills.fetchByAccount(auth, null, reference, false, 0, 10, result, found);
        told("AutoBill.fetchByAccount");
        Told.that("autobills", found.value.length + " " + found.value[0].getMerchantAutoBillId());
        TransactionArrayHolder all = new TransactionArrayHolder();
        transactions.fetchByAccount(auth, null, reference, null, null, null, result, all);
        told("Transaction.fetchByAccount");
        for (int i = 0; i < all.value.length; i++) {
            Transaction one = all.value[i];
            Told.that("transaction." + i, one.getAmount() + " " + one.getCurrency() + " "
                    + one.getStatusLog(0).getStatus() + " " + one.getTransactionItems().length);
        }
        TransactionItem item = all.value[0].getTransactionItems(1);
        Told.that("item", item.getItemType() + " " + item.getQuantity() + " x " + item.getPrice() + " = "
                + item.getTotal());
        Told.that("item.name", item.getName());
        transactions.fetchByAccount(auth, null, reference, null, 7, 10, result, all);
        told("beyond");
        Told.that("transactions.beyond", Told.size(all.value));
    }

    private void refusals(AutoBill autobill) throws Exception {
        Authentication wrong = new Authentication("22.0", auth.getLogin(), "wrong", null, null);
        AccountHolder account = new AccountHolder(unknown());
        BooleanHolder created = new BooleanHolder(true);
        accounts.update(wrong, null, account, result, created);
        told("refused.password");
        Told.that("refused.created", created.value);
        Told.that("refused.account", account.value);
        accounts.fetchByMerchantAccountId(auth, null, "never", result, account);
        told("refused.unknown");
        TransactionArrayHolder none = new TransactionArrayHolder();
        transactions.fetchByAccount(auth, null, unknown(), null, null, null, result, none);
        told("refused.transactions");
        Told.that("refused.none", Told.size(none.value));
        _return refused = autobills.writeOffInvoice(auth, null, autobill, "nothing");
        Told.that("refused.invoice", refused.getReturnCode() + " " + refused.getReturnString());
    }

    private static Account unknown() {
        Account account = new Account();
        account.setMerchantAccountId("never");
        return account;
    }

    private void fault() throws Exception {
        Call call = accounts._createCall();
        call.setTargetEndpointAddress(endpoint);
        try {
            call.invoke("http://soap.vindicia.com/v22_0/Account", "fetchByMoon", new Object[0]);
            Told.that("fault", "none");
        } catch (AxisFault fault) {
            Told.that("fault", fault.getFaultCode().getLocalPart() + " " + fault.getFaultString());
        }
    }
}
