import com.vindicia.soap.v3_6.AutoBill.AutoBillLocator;
import com.vindicia.soap.v3_6.AutoBill.AutoBillPortType;
import com.vindicia.soap.v3_6.Vindicia.Account;
import com.vindicia.soap.v3_6.Vindicia.Authentication;
import com.vindicia.soap.v3_6.Vindicia.AutoBill;
import com.vindicia.soap.v3_6.Vindicia.AutoBillStatus;
import com.vindicia.soap.v3_6.Vindicia.BillingPeriodType;
import com.vindicia.soap.v3_6.Vindicia.BillingPlan;
import com.vindicia.soap.v3_6.Vindicia.BillingPlanPeriod;
import com.vindicia.soap.v3_6.Vindicia.BillingPlanPrice;
import com.vindicia.soap.v3_6.Vindicia.BillingPlanStatus;
import com.vindicia.soap.v3_6.Vindicia.CreditCard;
import com.vindicia.soap.v3_6.Vindicia.DuplicateBehavior;
import com.vindicia.soap.v3_6.Vindicia.PaymentMethod;
import com.vindicia.soap.v3_6.Vindicia.PaymentMethodType;
import com.vindicia.soap.v3_6.Vindicia.Product;
import com.vindicia.soap.v3_6.Vindicia.ProductStatus;
import com.vindicia.soap.v3_6.Vindicia.holders.AutoBillArrayHolder;
import com.vindicia.soap.v3_6.Vindicia.holders.AutoBillHolder;
import com.vindicia.soap.v3_6.Vindicia.holders.ScoreCodeArrayHolder;
import com.vindicia.soap.v3_6.Vindicia.holders.TransactionArrayHolder;
import com.vindicia.soap.v3_6.Vindicia.holders.TransactionStatusHolder;
import com.vindicia.soap.v3_6.Vindicia.holders._returnHolder;
import java.math.BigDecimal;
import java.net.URL;
import java.text.SimpleDateFormat;
import java.util.Calendar;
import java.util.TimeZone;
import javax.xml.rpc.holders.BigDecimalHolder;
import javax.xml.rpc.holders.BooleanHolder;
import javax.xml.rpc.holders.IntegerWrapperHolder;
import javax.xml.rpc.holders.StringHolder;
import org.apache.axis.holders.DateHolder;

/** Apache Axis 1.4 with the classes of version 3.6: AxisOlder URL LOGIN PASSWORD. */
public final class AxisOlder {
    private AxisOlder() {}

    public static void main(String[] arguments) throws Exception {
        Authentication auth = new Authentication("3.6", arguments[1], arguments[2], null, null);
        AutoBillPortType autobills = new AutoBillLocator().getAutoBillPort(new URL(arguments[0] + "/v3.6/soap.pl"));
        _returnHolder result = new _returnHolder();

        AutoBillHolder autobill = new AutoBillHolder(subscription());
        BooleanHolder created = new BooleanHolder();
        TransactionStatusHolder authStatus = new TransactionStatusHolder();
        DateHolder firstBillDate = new DateHolder();
        BigDecimalHolder firstBillAmount = new BigDecimalHolder();
        StringHolder firstBillingCurrency = new StringHolder();
        IntegerWrapperHolder score = new IntegerWrapperHolder();
        autobills.update(auth, autobill, DuplicateBehavior.Fail, true, 100, result, created, authStatus, firstBillDate,
                firstBillAmount, firstBillingCurrency, score, new ScoreCodeArrayHolder());
        told("AutoBill.update", result);
        Told.that("created", created.value);
        Told.that("status", autobill.value.getStatus() == AutoBillStatus.Active);
        Told.that("start", autobill.value.getStartTimestamp());
        SimpleDateFormat day = new SimpleDateFormat("yyyy-MM-dd");
        day.setTimeZone(TimeZone.getDefault());
        Told.that("firstBillDate", firstBillDate.value == null ? null : day.format(firstBillDate.value));
        Told.that("firstBillAmount", firstBillAmount.value);
        Told.that("firstBillingCurrency", firstBillingCurrency.value);
        Told.that("name", autobill.value.getAccount().getName());
        Told.that("description", autobill.value.getProduct().getDescription());
        Told.that("price", autobill.value.getBillingPlan().getPeriods(0).getPrices(0).getAmount());

        Account reference = new Account();
        reference.setMerchantAccountId("account");
        AutoBillArrayHolder found = new AutoBillArrayHolder();
        autobills.fetchByAccount(auth, reference, false, result, found);
        told("AutoBill.fetchByAccount", result);
        Told.that("autobills", Told.size(found.value));
        TransactionArrayHolder rebills = new TransactionArrayHolder();
        autobills.futureRebills(auth, autobill.value, 3, result, rebills);
        told("AutoBill.futureRebills", result);
        Told.that("rebills", Told.size(rebills.value));
        Told.that("rebill", rebills.value[1].getTimestamp());
        Told.that("rebillAmount", rebills.value[1].getAmount());

        Authentication wrong = new Authentication("3.6", arguments[1], "wrong", null, null);
        autobill.value = subscription();
        autobills.update(wrong, autobill, DuplicateBehavior.Fail, true, 100, result, created, authStatus, firstBillDate,
                firstBillAmount, firstBillingCurrency, score, new ScoreCodeArrayHolder());
        told("refused", result);
        Told.that("refused.created", created.value);
        Told.that("refused.firstBillDate", firstBillDate.value);
        Told.that("refused.firstBillAmount", firstBillAmount.value);
    }

    private static void told(String call, _returnHolder result) {
        Told.that(call, result.value.getReturnCode() + " " + result.value.getReturnString());
    }

    private static AutoBill subscription() {
        BillingPlanPrice price = new BillingPlanPrice();
        price.setAmount(new BigDecimal("9.99"));
        price.setCurrency("USD");
        BillingPlanPeriod month = new BillingPlanPeriod();
        month.setType(BillingPeriodType.Month);
        month.setQuantity(1);
        month.setCycles(0);
        month.setPrices(new BillingPlanPrice[] {price});
        BillingPlan plan = new BillingPlan();
        plan.setMerchantBillingPlanId("plan");
        plan.setDescription("Monthly");
        plan.setStatus(BillingPlanStatus.Active);
        plan.setPeriods(new BillingPlanPeriod[] {month});
        Product product = new Product();
        product.setMerchantProductId("product");
        product.setDescription("Überblick");
        product.setStatus(ProductStatus.Active);
        CreditCard card = new CreditCard();
        card.setAccount("4111111111111111");
        card.setExpirationDate("203812");
        PaymentMethod method = new PaymentMethod();
        method.setType(PaymentMethodType.CreditCard);
        method.setCreditCard(card);
        Account account = new Account();
        account.setMerchantAccountId("account");
        account.setName("José Ñandú");
        account.setEmailAddress("jose@example.org");
        account.setPaymentMethods(new PaymentMethod[] {method});
        Calendar start = Calendar.getInstance(TimeZone.getTimeZone("America/New_York"));
        start.clear();
        start.set(2037, Calendar.JANUARY, 31, 12, 0, 0);
        AutoBill autobill = new AutoBill();
        autobill.setMerchantAutoBillId("bill");
        autobill.setAccount(account);
        autobill.setProduct(product);
        autobill.setBillingPlan(plan);
        autobill.setPaymentMethod(method);
        autobill.setCurrency("USD");
        autobill.setStartTimestamp(start);
        return autobill;
    }
}
