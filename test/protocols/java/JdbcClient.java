import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What a program does with a database through JDBC: `JdbcClient URL ROUNDS`. */
public class JdbcClient {
    public static void main(String[] args) throws Exception {
        int rounds = Integer.parseInt(args[1]);
        try (Connection client = DriverManager.getConnection(args[0])) {
            System.out.println("ready");
            System.in.read();
            for (int i = 0; i < rounds; i++) {
                plain(client);
                prepared(client, i);
                batch(client);
            }
            client.setAutoCommit(false);
            cursor(client);
            client.commit();
        }
    }

    private static void plain(Connection client) throws SQLException {
        try (Statement statement = client.createStatement()) {
            statement.executeUpdate("DELETE FROM orders WHERE name = 'SECRET'");
            statement.executeQuery("SELECT nothing FROM goods");
        } catch (SQLException expected) {
            if (!expected.getMessage().contains("nothing")) throw expected;
        }
    }

    private static void prepared(Connection client, int id) throws SQLException {
        try (PreparedStatement statement = client.prepareStatement("SELECT name FROM goods WHERE id < ?")) {
            statement.setInt(1, id);
            statement.executeQuery();
        }
    }

    private static void batch(Connection client) throws SQLException {
        try (PreparedStatement statement = client.prepareStatement("INSERT INTO orders(name) VALUES (?)")) {
            for (int i = 0; i < 3; i++) {
                statement.setString(1, "SECRET");
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static void cursor(Connection client) throws SQLException {
        try (PreparedStatement statement = client.prepareStatement("SELECT id FROM goods")) {
            statement.setFetchSize(5);
            ResultSet rows = statement.executeQuery();
            while (rows.next()) rows.getInt(1);
        }
    }
}
